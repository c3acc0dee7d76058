"""Conv3D."""

from .base_conv import BaseConv


class Conv3D(BaseConv):
    """Convolution over 3 spatial axes; see `BaseConv` for the arguments.

    Example:

    >>> import numpy as np
    >>> Conv3D(4, 3, activation="relu")(np.ones((2, 5, 5, 5, 3), "float32")).shape
    (2, 3, 3, 3, 4)
    """

    rank = 3
