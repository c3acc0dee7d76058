"""Conv1DTranspose."""

from .base_conv_transpose import BaseConvTranspose


class Conv1DTranspose(BaseConvTranspose):
    """Transposed convolution over 1 spatial axis; see `BaseConvTranspose` for the arguments.

    Example:

    >>> import numpy as np
    >>> Conv1DTranspose(4, 3, strides=2)(np.ones((2, 10, 3), "float32")).shape
    (2, 21, 4)
    """

    rank = 1
