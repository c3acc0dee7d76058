"""GlobalAveragePooling2D."""

from typing import Any

from ... import ops
from ..common import to_float
from .base_global_pooling import BaseGlobalPooling


class GlobalAveragePooling2D(BaseGlobalPooling):
    """Mean over 2 spatial axes; see `BaseGlobalPooling` for the arguments.

    Example:

    >>> import numpy as np
    >>> GlobalAveragePooling2D()(np.ones((2, 9, 8, 3), "float32")).shape
    (2, 3)
    """

    rank = 2

    def call(self, inputs: Any) -> Any:
        return ops.mean(to_float(inputs, self), axis=self.axes, keepdims=self.keepdims)
