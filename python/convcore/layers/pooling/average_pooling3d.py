"""AveragePooling3D."""

from .base_pooling import BasePooling


class AveragePooling3D(BasePooling):
    """Mean of each window's real elements (padding does not count) over 3 spatial axes; see `BasePooling` for the arguments."""

    rank = 3
    op = "average_pool"
