"""Softmax."""

from typing import Any

from ... import activations, ops
from ...core.dispatch import apply
from ..common import to_float
from ..layer import Layer


class Softmax(Layer):
    """exp(x) divided by its sum along `axis`.

    Args:
        axis: an int, or several over which the sum runs together.

    Call arguments:
        inputs: the logits.
        mask: optional array that broadcasts to the inputs' shape; the output is 0 where it is false, or not
            above 0.5.
    """

    def __init__(self, axis: Any = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis
        self.supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        inputs = to_float(inputs, self)
        if mask is None:
            return activations.softmax(inputs, axis=self.axis)
        self._check_mask(mask, inputs)
        if str(mask.dtype) != "bool":
            mask = mask > 0.5
        # sizes may be unknown yet: the result has the shape of the inputs all the same
        mask = apply("broadcast_like", mask, inputs)
        never = -3e4 if str(inputs.dtype) == "float16" else -1e9
        outputs = activations.softmax(ops.where(mask, inputs, never), axis=self.axis)
        return ops.where(mask, outputs, 0.0)

    def _check_mask(self, mask: Any, inputs: Any) -> None:
        given, shape = tuple(mask.shape), tuple(inputs.shape)
        if len(given) > len(shape):
            raise ValueError(
                f"Softmax '{self.name}': the mask must not have more dimensions than the inputs. Received: "
                f"mask of shape {given}, inputs of shape {shape}"
            )
        for n, size in zip(given[::-1], shape[::-1], strict=False):
            if n != 1 and None not in (n, size) and n != size:
                raise ValueError(
                    f"Softmax '{self.name}': the mask must be broadcastable to the inputs. Received: mask of "
                    f"shape {given}, inputs of shape {shape}"
                )
