"""GlobalAveragePooling2D."""

from ... import ops
from ..common import to_float
from .base_global_pooling import BaseGlobalPooling


class GlobalAveragePooling2D(BaseGlobalPooling):
    """Mean over 2 spatial axes; see `BaseGlobalPooling` for the arguments."""

    rank = 2

    def call(self, inputs):
        return ops.mean(to_float(inputs, self), axis=self.axes, keepdims=self.keepdims)
