"""DepthwiseConv1D."""

from .base_depthwise_conv import BaseDepthwiseConv


class DepthwiseConv1D(BaseDepthwiseConv):
    """Depthwise convolution over 1 spatial axis; see `BaseDepthwiseConv` for the arguments.

    Example:

    >>> import numpy as np
    >>> DepthwiseConv1D(3, depth_multiplier=2)(np.ones((2, 10, 3), "float32")).shape
    (2, 8, 6)
    """

    rank = 1
