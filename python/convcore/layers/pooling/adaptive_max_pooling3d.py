"""AdaptiveMaxPooling3D."""

from .base_adaptive_pooling import BaseAdaptivePooling


class AdaptiveMaxPooling3D(BaseAdaptivePooling):
    """Largest element of each of `output_size` windows; see `BaseAdaptivePooling` for the arguments.

    Example:

    >>> import numpy as np
    >>> AdaptiveMaxPooling3D(2)(np.ones((2, 6, 5, 4, 3), "float32")).shape
    (2, 2, 2, 2, 3)
    """

    rank = 3
    op = "max_pool"
