"""AdaptiveAveragePooling3D."""

from .base_adaptive_pooling import BaseAdaptivePooling


class AdaptiveAveragePooling3D(BaseAdaptivePooling):
    """Mean of each of `output_size` windows; see `BaseAdaptivePooling` for the arguments.

    Example:

    >>> import numpy as np
    >>> AdaptiveAveragePooling3D(2)(np.ones((2, 6, 5, 4, 3), "float32")).shape
    (2, 2, 2, 2, 3)
    """

    rank = 3
    op = "average_pool"
