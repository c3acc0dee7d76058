"""AveragePooling3D."""

from .base_pooling import BasePooling


class AveragePooling3D(BasePooling):
    """Mean of each window over 3 spatial axes, padding not counted; see `BasePooling` for the arguments."""

    rank = 3
    op = "average_pool"
