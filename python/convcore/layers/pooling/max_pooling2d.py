"""MaxPooling2D."""

from .base_pooling import PairPooling


class MaxPooling2D(PairPooling):
    """Largest element of each window over 2 spatial axes; see `BasePooling` for the arguments.

    Example:

    >>> import numpy as np
    >>> MaxPooling2D(2)(np.ones((2, 9, 8, 3), "float32")).shape
    (2, 4, 4, 3)
    """

    rank = 2
    op = "max_pool"
