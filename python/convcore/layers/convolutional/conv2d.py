"""Conv2D."""

from .base_conv import BaseConv


class Conv2D(BaseConv):
    """Convolution over 2 spatial axes; see `BaseConv` for the arguments.

    Example:

    >>> import numpy as np
    >>> Conv2D(4, 3, activation="relu")(np.ones((2, 8, 8, 3), "float32")).shape
    (2, 6, 6, 4)
    """

    rank = 2
