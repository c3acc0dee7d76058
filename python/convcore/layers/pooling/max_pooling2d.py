"""MaxPooling2D."""

from .base_pooling import PairPooling


class MaxPooling2D(PairPooling):
    """Largest element of each window over 2 spatial axes; see `BasePooling` for the arguments."""

    rank = 2
    op = "max_pool"
