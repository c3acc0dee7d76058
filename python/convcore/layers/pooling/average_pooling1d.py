"""AveragePooling1D."""

from .base_pooling import BasePooling


class AveragePooling1D(BasePooling):
    """Mean of each window's real elements (padding does not count) over 1 spatial axis; see `BasePooling` for the arguments."""

    rank = 1
    op = "average_pool"
