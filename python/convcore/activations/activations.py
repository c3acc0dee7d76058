"""The activation functions that differ from the op of the same name, or have none."""

from typing import Any

from .. import ops


def linear(x: Any) -> Any:
    """x itself."""
    return x


def relu(x: Any, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Any:
    """max(x, 0), with an optional slope below `threshold` and an optional cap."""
    if negative_slope == 0.0 and threshold == 0.0:
        return ops.relu(x) if max_value is None else ops.clip(x, 0.0, float(max_value))
    y = ops.where(x > threshold, x, negative_slope * (x - threshold))
    # a select, so that the gradient is 0 from the cap on
    return y if max_value is None else ops.where(y >= max_value, float(max_value), y)


def gelu(x: Any, approximate: bool = False) -> Any:
    """x times the normal distribution function of x; exact by default, unlike `ops.gelu`."""
    return ops.gelu(x, approximate=approximate)


def exponential(x: Any) -> Any:
    """exp(x)."""
    return ops.exp(x)
