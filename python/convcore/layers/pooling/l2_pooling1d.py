"""L2Pooling1D."""

from .base_pooling import PairPooling


class L2Pooling1D(PairPooling):
    """Root of the sum of squares of each window over 1 spatial axis; see `BasePooling` for the arguments."""

    rank = 1
    op = "l2_pool"
