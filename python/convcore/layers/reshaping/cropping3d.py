"""Cropping3D."""

from typing import Any

from ...core.arguments import standardize_data_format
from .base_cropping import BaseCropping


class Cropping3D(BaseCropping):
    """Cuts elements off both ends of 3 spatial axes.

    Args:
        cropping: an int for every side; one int per axis for both of its sides; or a pair (front, back) per
            axis.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
    """

    rank = 3

    def __init__(
        self, cropping: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self._prepare(cropping)
