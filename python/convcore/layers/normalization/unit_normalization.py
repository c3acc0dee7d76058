"""UnitNormalization."""

from typing import Any

from ... import ops
from ...core.dispatch import apply
from ...ops.promotion import normalized_axes
from ..common import to_float
from ..layer import Layer
from .axes import check_axis

_SHORTEST = 1e-12


class UnitNormalization(Layer):
    """Divides vectors by their Euclidean length, by 1e-12 if they are shorter.

    The zero vector stays as it is and has the gradient 0 (in Keras NaN or 1e12, after the backend).

    Args:
        axis: an int or a list of ints, the axes of a vector.
    """

    def __init__(self, axis: Any = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = check_axis(axis, "UnitNormalization")
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        inputs = to_float(inputs, self)
        axes = normalized_axes(self.axis, len(inputs.shape), "UnitNormalization")
        length = apply("l2_norm", inputs, axes=axes, keepdims=True)
        safe = ops.where(length > 0.0, ops.maximum(length, _SHORTEST), 0.0)
        return apply("divide_no_nan", inputs, safe)
