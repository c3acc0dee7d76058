"""SpatialDropout1D."""

from .base_spatial_dropout import BaseSpatialDropout


class SpatialDropout1D(BaseSpatialDropout):
    """In training, drops whole channels of `(batch, steps, channels)`.

    Args:
        rate: in [0, 1].
        seed: an int makes the sequence of masks reproducible.
    """

    rank = 1
