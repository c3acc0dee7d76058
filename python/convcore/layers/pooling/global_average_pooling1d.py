"""GlobalAveragePooling1D."""

from typing import Any

from ... import ops
from ..common import to_float
from .base_global_pooling import BaseGlobalPooling


class GlobalAveragePooling1D(BaseGlobalPooling):
    """Mean over the steps; see `BaseGlobalPooling` for the arguments.

    Call arguments:
        inputs: `(batch, steps, channels)`.
        mask: optional bool `(batch, steps)`; only steps that are true count.
    """

    rank = 1

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any) -> None:
        super().__init__(data_format, keepdims, **kwargs)
        self.supports_masking = True

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        return None

    def call(self, inputs: Any, mask: Any = None) -> Any:
        inputs = to_float(inputs, self)
        if mask is None:
            return ops.mean(inputs, axis=self.axes, keepdims=self.keepdims)
        weight = ops.expand_dims(
            ops.cast(mask, inputs.dtype), 1 if self.data_format == "channels_first" else 2
        )
        total = ops.sum(inputs * weight, axis=self.axes, keepdims=self.keepdims)
        return total / ops.sum(weight, axis=self.axes, keepdims=self.keepdims)
