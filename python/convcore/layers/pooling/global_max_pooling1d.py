"""GlobalMaxPooling1D."""

from typing import Any

from ... import ops
from .base_global_pooling import BaseGlobalPooling


class GlobalMaxPooling1D(BaseGlobalPooling):
    """Largest element over 1 spatial axis; see `BaseGlobalPooling` for the arguments."""

    rank = 1

    def call(self, inputs: Any) -> Any:
        return ops.max(inputs, axis=self.axes, keepdims=self.keepdims)
