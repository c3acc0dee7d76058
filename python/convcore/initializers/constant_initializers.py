"""Initializers without randomness."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..config import floatx
from .initializer import Initializer


class Constant(Initializer):
    """Every element is `value`.

    Args:
        value: a number, or an array that broadcasts to the shape.
    """

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> np.ndarray:
        return np.broadcast_to(np.asarray(self.value, dtype or floatx()), tuple(shape)).copy()

    def get_config(self) -> dict[str, Any]:
        from .. import saving

        return {"value": saving.serialize_keras_object(self.value)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        from .. import saving

        return cls(saving.deserialize_keras_object(config["value"]) if "value" in config else 0.0)


class Array(Constant):
    """The given array itself; the shape of the variable must be its shape. What `get(array)` returns."""

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> np.ndarray:
        if np.shape(self.value) != tuple(shape):
            raise ValueError(
                f"initializer array: Expected `shape` to be {np.shape(self.value)}, that of the array. "
                f"Received: shape={tuple(shape)}"
            )
        return super().__call__(shape, dtype)


class Zeros(Initializer):
    """Every element is 0."""

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> np.ndarray:
        return np.zeros(tuple(shape), dtype or floatx())


class Ones(Initializer):
    """Every element is 1."""

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> np.ndarray:
        return np.ones(tuple(shape), dtype or floatx())


class Identity(Initializer):
    """`gain` on the diagonal of a matrix, 0 elsewhere.

    Args:
        gain: the diagonal value.
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> np.ndarray:
        if len(shape) != 2:
            raise ValueError(
                f"Identity initializer: expected a shape of 2 dimensions, received shape {tuple(shape)}"
            )
        return self.gain * np.eye(*shape, dtype=dtype or floatx())

    def get_config(self) -> dict[str, Any]:
        return {} if self.gain == 1.0 else {"gain": self.gain}
