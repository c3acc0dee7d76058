"""GlobalL2Pooling3D."""

from typing import Any

from ...core.dispatch import apply
from ..common import to_float
from .base_global_pooling import BaseGlobalPooling


class GlobalL2Pooling3D(BaseGlobalPooling):
    """Root of the sum of squares over 3 spatial axes; see `BaseGlobalPooling` for the arguments."""

    rank = 3

    def call(self, inputs: Any) -> Any:
        return apply("l2_norm", to_float(inputs, self), axes=self.axes, keepdims=self.keepdims)
