"""AveragePooling2D."""

from .base_pooling import BasePooling


class AveragePooling2D(BasePooling):
    """Mean of each window's real elements (padding does not count) over 2 spatial axes; see `BasePooling` for the arguments."""

    rank = 2
    op = "average_pool"
