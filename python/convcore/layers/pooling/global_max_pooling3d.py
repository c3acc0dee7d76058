"""GlobalMaxPooling3D."""

from typing import Any

from ... import ops
from .base_global_pooling import BaseGlobalPooling


class GlobalMaxPooling3D(BaseGlobalPooling):
    """Largest element over 3 spatial axes; see `BaseGlobalPooling` for the arguments."""

    rank = 3

    def call(self, inputs: Any) -> Any:
        return ops.max(inputs, axis=self.axes, keepdims=self.keepdims)
