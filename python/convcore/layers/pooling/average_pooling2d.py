"""AveragePooling2D."""

from .base_pooling import BasePooling


class AveragePooling2D(BasePooling):
    """Mean of each window over 2 spatial axes, padding not counted; see `BasePooling` for the arguments.

    Example:

    >>> import numpy as np
    >>> AveragePooling2D(2, padding="same")(np.ones((2, 9, 8, 3), "float32")).shape
    (2, 5, 4, 3)
    """

    rank = 2
    op = "average_pool"
