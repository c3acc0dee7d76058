"""Minimum."""

from ... import ops
from .base_merge import BaseMerge


class Minimum(BaseMerge):
    """Elementwise minimum of a list of tensors."""

    def combine(self, x, y):
        return ops.minimum(x, y)


def minimum(inputs, **kwargs):
    """Elementwise minimum of a list of tensors, by a new `Minimum` layer."""
    return Minimum(**kwargs)(inputs)
