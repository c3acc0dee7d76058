"""ZeroPadding3D."""

from .base_zero_padding import BaseZeroPadding


class ZeroPadding3D(BaseZeroPadding):
    """Puts zeros around 3 spatial axes; see `BaseZeroPadding` for the arguments."""

    rank = 3
