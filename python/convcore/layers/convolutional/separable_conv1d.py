"""SeparableConv1D."""

from .base_separable_conv import BaseSeparableConv


class SeparableConv1D(BaseSeparableConv):
    """Separable convolution over 1 spatial axis; see `BaseSeparableConv` for the arguments.

    Example:

    >>> import numpy as np
    >>> SeparableConv1D(4, 3)(np.ones((2, 10, 3), "float32")).shape
    (2, 8, 4)
    """

    rank = 1
