"""AveragePooling2D."""

from .base_pooling import BasePooling


class AveragePooling2D(BasePooling):
    """Mean of each window over 2 spatial axes, padding not counted; see `BasePooling` for the arguments."""

    rank = 2
    op = "average_pool"
