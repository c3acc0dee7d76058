"""AdaptiveMaxPooling1D."""

from .base_adaptive_pooling import BaseAdaptivePooling


class AdaptiveMaxPooling1D(BaseAdaptivePooling):
    """Largest element of each of `output_size` windows; see `BaseAdaptivePooling` for the arguments.

    Example:

    >>> import numpy as np
    >>> AdaptiveMaxPooling1D(4)(np.ones((2, 10, 3), "float32")).shape
    (2, 4, 3)
    """

    rank = 1
    op = "max_pool"
