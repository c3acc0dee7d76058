"""Softmax."""

from ... import activations, ops
from ..common import describe, to_float
from ..layer import Layer


class Softmax(Layer):
    """exp(x) divided by its sum along `axis`.

    Args:
        axis: an int, or several over which the sum runs together.

    Call arguments:
        inputs: the logits.
        mask: optional bool array of the inputs' shape; the output is 0 where it is false.
    """

    def __init__(self, axis=-1, **kwargs):
        super().__init__(**kwargs)
        self.axis = axis
        self.supports_masking = True

    def call(self, inputs, mask=None):
        inputs = to_float(inputs, self)
        if mask is None:
            return self._softmax(inputs)
        keep = ops.cast(mask, inputs.dtype)
        return self._softmax(inputs + (1.0 - keep) * -1e9) * keep

    def _softmax(self, x):
        if isinstance(self.axis, int):
            return activations.softmax(x, axis=self.axis)
        axes = tuple(self.axis)
        if len(axes) == 1:
            return activations.softmax(x, axis=axes[0])
        e = ops.exp(x - ops.max(x, axis=axes, keepdims=True))
        return e / ops.sum(e, axis=axes, keepdims=True)

    def get_config(self):
        return {**super().get_config(), **describe(self, Softmax)}
