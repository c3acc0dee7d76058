"""MaxPooling3D."""

from .base_pooling import PairPooling


class MaxPooling3D(PairPooling):
    """Largest element of each window over 3 spatial axes; see `BasePooling` for the arguments."""

    rank = 3
    op = "max_pool"
