"""L2Pooling3D."""

from .base_pooling import PairPooling


class L2Pooling3D(PairPooling):
    """Root of the sum of squares of each window over 3 spatial axes; see `BasePooling` for the arguments."""

    rank = 3
    op = "l2_pool"
