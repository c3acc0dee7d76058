"""GlobalAveragePooling3D."""

from typing import Any

from ... import ops
from ..common import to_float
from .base_global_pooling import BaseGlobalPooling


class GlobalAveragePooling3D(BaseGlobalPooling):
    """Mean over 3 spatial axes; see `BaseGlobalPooling` for the arguments."""

    rank = 3

    def call(self, inputs: Any) -> Any:
        return ops.mean(to_float(inputs, self), axis=self.axes, keepdims=self.keepdims)
