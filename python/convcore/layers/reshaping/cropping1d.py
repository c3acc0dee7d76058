"""Cropping1D."""

from typing import Any

from .base_cropping import BaseCropping


class Cropping1D(BaseCropping):
    """Cuts steps off both ends of `(batch, steps, channels)`.

    Args:
        cropping: an int for both ends or a pair (front, back).
    """

    rank = 1

    def __init__(self, cropping: Any = (1, 1), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._prepare(cropping)
