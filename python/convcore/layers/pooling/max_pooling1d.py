"""MaxPooling1D."""

from .base_pooling import PairPooling


class MaxPooling1D(PairPooling):
    """Largest element of each window over 1 spatial axis; see `BasePooling` for the arguments."""

    rank = 1
    op = "max_pool"
