"""The `axis` argument of layers that normalise over one or several axes."""

from typing import Any


def check_axis(axis: Any, layer: str) -> Any:
    """An int, or a list of ints; TypeError otherwise."""
    if isinstance(axis, int) and not isinstance(axis, bool):
        return axis
    if isinstance(axis, (list, tuple)) and all(
        isinstance(item, int) and not isinstance(item, bool) for item in axis
    ):
        return list(axis)
    raise TypeError(
        f"{layer}: Expected an int or a list/tuple of ints for the argument 'axis'. Received: axis={axis!r}"
    )


def sizes(layer: Any, input_shape: Any) -> tuple[int, ...]:
    """Makes `layer.axis` a sorted list and returns the input's sizes along it."""
    layer.axis = sorted(layer.axis) if isinstance(layer.axis, list) else [layer.axis]
    ndim = len(input_shape)
    if any(not -ndim <= axis < ndim or input_shape[axis] is None for axis in layer.axis):
        raise ValueError(
            f"{type(layer).__name__} '{layer.name}': every axis must exist and have a known size, received "
            f"axis={layer.axis} for input shape {tuple(input_shape)}"
        )
    return tuple(input_shape[axis] for axis in layer.axis)
