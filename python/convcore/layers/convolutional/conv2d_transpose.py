"""Conv2DTranspose."""

from .base_conv_transpose import BaseConvTranspose


class Conv2DTranspose(BaseConvTranspose):
    """Transposed convolution over 2 spatial axes; see `BaseConvTranspose` for the arguments.

    Example:

    >>> import numpy as np
    >>> Conv2DTranspose(4, 3, strides=2, padding="same")(np.ones((2, 8, 8, 3), "float32")).shape
    (2, 16, 16, 4)
    """

    rank = 2
