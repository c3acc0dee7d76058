"""ZeroPadding2D."""

from .base_zero_padding import BaseZeroPadding


class ZeroPadding2D(BaseZeroPadding):
    """Puts zeros around 2 spatial axes; see `BaseZeroPadding` for the arguments."""

    rank = 2
