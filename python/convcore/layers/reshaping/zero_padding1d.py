"""ZeroPadding1D."""

from .base_zero_padding import BaseZeroPadding


class ZeroPadding1D(BaseZeroPadding):
    """Puts zeros around 1 spatial axis; see `BaseZeroPadding` for the arguments."""

    rank = 1
