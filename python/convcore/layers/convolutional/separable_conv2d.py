"""SeparableConv2D."""

from .base_separable_conv import BaseSeparableConv


class SeparableConv2D(BaseSeparableConv):
    """Separable convolution over 2 spatial axes; see `BaseSeparableConv` for the arguments.

    Example:

    >>> import numpy as np
    >>> SeparableConv2D(4, 3)(np.ones((2, 8, 8, 3), "float32")).shape
    (2, 6, 6, 4)
    """

    rank = 2
