"""DepthwiseConv2D."""

from .base_depthwise_conv import BaseDepthwiseConv


class DepthwiseConv2D(BaseDepthwiseConv):
    """Depthwise convolution over 2 spatial axes; see `BaseDepthwiseConv` for the arguments.

    Example:

    >>> import numpy as np
    >>> DepthwiseConv2D(3, depth_multiplier=2)(np.ones((2, 8, 8, 3), "float32")).shape
    (2, 6, 6, 6)
    """

    rank = 2
