"""Conv1D."""

from .base_conv import BaseConv


class Conv1D(BaseConv):
    """Convolution over 1 spatial axis; see `BaseConv` for the arguments.

    Example:

    >>> import numpy as np
    >>> Conv1D(4, 3, activation="relu")(np.ones((2, 10, 3), "float32")).shape
    (2, 8, 4)
    """

    rank = 1
