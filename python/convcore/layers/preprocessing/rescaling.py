"""Rescaling."""

from typing import Any

import numpy as np

from ... import config
from ..common import to_float
from ..layer import Layer


class Rescaling(Layer):
    """`x * scale + offset`.

    Args:
        scale, offset: numbers, or lists with one number per channel (last axis). While the global
            `image_data_format` is `"channels_first"`, the entries of a list of scales belong to the first
            axis of each image.
    """

    writes_build_config = True

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name, value in (("scale", scale), ("offset", offset)):
            if isinstance(value, str):
                raise ValueError(
                    f"Rescaling: argument `{name}`: expected a number or a list of numbers; "
                    f"received {value!r}"
                )
        self.scale = scale
        self.offset = offset
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        inputs = to_float(inputs, self)
        scale, offset = (_factor(value, self.compute_dtype) for value in (self.scale, self.offset))
        if isinstance(scale, np.ndarray) and config.image_data_format() == "channels_first":
            scale = scale.reshape(scale.shape + (1,) * (3 - scale.ndim))
        return inputs * scale + offset


def _factor(value: Any, dtype: Any) -> Any:
    return np.asarray(value, dtype) if isinstance(value, (list, tuple, np.ndarray)) else float(value)
