"""ZeroPadding2D."""

from .base_zero_padding import BaseZeroPadding


class ZeroPadding2D(BaseZeroPadding):
    """Puts zeros around 2 spatial axes; see `BaseZeroPadding` for the arguments.

    Example:

    >>> import numpy as np
    >>> ZeroPadding2D(((1, 0), (2, 2)))(np.ones((2, 8, 8, 3), "float32")).shape
    (2, 9, 12, 3)
    """

    rank = 2
