"""Cropping1D."""

from .base_cropping import BaseCropping


class Cropping1D(BaseCropping):
    """Cuts steps off both ends of `(batch, steps, channels)`.

    Args:
        cropping: an int for both ends or a pair (front, back).
    """

    rank = 1

    def __init__(self, cropping=(1, 1), **kwargs):
        super().__init__(**kwargs)
        self._prepare(cropping)
