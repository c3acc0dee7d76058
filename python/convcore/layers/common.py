"""What many layers share: argument checks, float input, where the axes are."""

from typing import Any

import numpy as np

from .. import ops
from ..core.dtypes import at_least_float32, is_float


def fraction(value: Any, name: str, layer: Any) -> Any:
    """`value`; ValueError unless it is a number in [0, 1]."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.floating)) or not 0 <= value <= 1:
        raise ValueError(
            f"{type(layer).__name__}: Invalid value received for argument `{name}`. Expected a float value "
            f"between 0 and 1. It must lie in [0, 1]. Received: {name}={value!r}"
        )
    return value


def to_float(inputs: Any, layer: Any) -> Any:
    """Integer and bool inputs in the layer's compute dtype; a layer casts only float inputs by itself."""
    return inputs if is_float(str(inputs.dtype)) else ops.cast(inputs, layer.compute_dtype)


def to_statistics(inputs: Any, layer: Any) -> Any:
    """`inputs` in the float type of statistics: float32 for 16-bit floats, whose squares overflow."""
    inputs = to_float(inputs, layer)
    return ops.cast(inputs, at_least_float32(str(inputs.dtype)))


def channel_axis(data_format: str) -> int:
    return 1 if data_format == "channels_first" else -1


def spatial_axes(rank: int, data_format: str) -> tuple[int, ...]:
    return tuple(range(2, rank + 2)) if data_format == "channels_first" else tuple(range(1, rank + 1))
