"""Softmax."""

from typing import Any

from ... import activations, ops
from ..common import to_float
from ..layer import Layer


class Softmax(Layer):
    """exp(x) divided by its sum along `axis`.

    Args:
        axis: an int, or several over which the sum runs together.

    Call arguments:
        inputs: the logits.
        mask: optional bool array of the inputs' shape; the output is 0 where it is false.
    """

    def __init__(self, axis: Any = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis
        self.supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        inputs = to_float(inputs, self)
        if mask is None:
            return activations.softmax(inputs, axis=self.axis)
        keep = ops.cast(mask, inputs.dtype)
        return activations.softmax(inputs + (1.0 - keep) * -1e9, axis=self.axis) * keep
