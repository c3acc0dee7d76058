"""Projections applied to a weight after each update; norms run over `axis` (0: per unit of Dense).

For the kernel of a convolution, shape `(height, width, channels, filters)`, the norm of each filter needs
`axis=[0, 1, 2]`; the default 0 would be the height alone, so it warns.
"""

import warnings
from typing import Any

from .. import ops
from ..config import epsilon


class Constraint:
    """Called with a weight, returns the projected weight; this one changes nothing."""

    def __call__(self, w: Any) -> Any:
        return w

    def get_config(self) -> dict[str, Any]:
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)


def _norm(w: Any, axis: Any) -> Any:
    rank = len(w.shape)
    if rank > 2 and axis in (0, [0], (0,)):
        warnings.warn(
            f"A constraint with axis=0 takes the norm of a kernel of shape {tuple(w.shape)} along its first "
            f"window axis alone. For the norm of each filter pass axis={list(range(rank - 1))}.",
            stacklevel=3,
        )
    axis = tuple(axis) if isinstance(axis, list) else axis
    return ops.sqrt(ops.sum(ops.square(w), axis=axis, keepdims=True))


class MaxNorm(Constraint):
    """Scales down weights whose norm exceeds `max_value`.

    Args:
        max_value: The largest norm allowed.
        axis: The axis or axes of the norm: 0 for `Dense`, `[0, 1, 2]` for each filter of a `Conv2D`.
    """

    def __init__(self, max_value: float = 2, axis: Any = 0) -> None:
        self.max_value, self.axis = max_value, axis

    def __call__(self, w: Any) -> Any:
        norm = _norm(w, self.axis)
        return w * (ops.minimum(norm, float(self.max_value)) / (epsilon() + norm))

    def get_config(self) -> dict[str, Any]:
        return {"max_value": self.max_value, "axis": self.axis}


class UnitNorm(Constraint):
    """Scales the weights to norm 1.

    Args:
        axis: The axis or axes of the norm: 0 for `Dense`, `[0, 1, 2]` for each filter of a `Conv2D`.
    """

    def __init__(self, axis: Any = 0) -> None:
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        return w / (epsilon() + _norm(w, self.axis))

    def get_config(self) -> dict[str, Any]:
        return {"axis": self.axis}


class MinMaxNorm(Constraint):
    """Moves the norm into [min_value, max_value], by the fraction `rate` of the way.

    Args:
        min_value: The smallest norm allowed.
        max_value: The largest norm allowed.
        rate: How much of the way, in [0, 1].
        axis: The axis or axes of the norm: 0 for `Dense`, `[0, 1, 2]` for each filter of a `Conv2D`.
    """

    def __init__(
        self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: Any = 0
    ) -> None:
        self.min_value, self.max_value, self.rate, self.axis = min_value, max_value, rate, axis

    def __call__(self, w: Any) -> Any:
        norm = _norm(w, self.axis)
        desired = self.rate * ops.clip(norm, self.min_value, self.max_value) + (1 - self.rate) * norm
        return w * (desired / (epsilon() + norm))

    def get_config(self) -> dict[str, Any]:
        return {
            "min_value": self.min_value,
            "max_value": self.max_value,
            "rate": self.rate,
            "axis": self.axis,
        }


class NonNeg(Constraint):
    """Sets negative weights to 0."""

    def __call__(self, w: Any) -> Any:
        return ops.maximum(w, 0.0)
