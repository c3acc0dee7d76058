"""GlobalMaxPooling2D."""

from typing import Any

from ... import ops
from .base_global_pooling import BaseGlobalPooling


class GlobalMaxPooling2D(BaseGlobalPooling):
    """Largest element over 2 spatial axes; see `BaseGlobalPooling` for the arguments."""

    rank = 2

    def call(self, inputs: Any) -> Any:
        return ops.max(inputs, axis=self.axes, keepdims=self.keepdims)
