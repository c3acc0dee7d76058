"""L2Pooling2D."""

from .base_pooling import PairPooling


class L2Pooling2D(PairPooling):
    """Root of the sum of squares of each window over 2 spatial axes; see `BasePooling` for the arguments."""

    rank = 2
    op = "l2_pool"
