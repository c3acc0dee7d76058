"""AdaptiveAveragePooling2D."""

from .base_adaptive_pooling import BaseAdaptivePooling


class AdaptiveAveragePooling2D(BaseAdaptivePooling):
    """Mean of each of `output_size` windows; see `BaseAdaptivePooling` for the arguments.

    Example:

    >>> import numpy as np
    >>> AdaptiveAveragePooling2D((4, 2))(np.ones((2, 9, 7, 3), "float32")).shape
    (2, 4, 2, 3)
    """

    rank = 2
    op = "average_pool"
