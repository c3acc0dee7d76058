"""AveragePooling1D."""

from .base_pooling import BasePooling


class AveragePooling1D(BasePooling):
    """Mean of each window over 1 spatial axis, padding not counted; see `BasePooling` for the arguments."""

    rank = 1
    op = "average_pool"
