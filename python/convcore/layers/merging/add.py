"""Add."""

from ... import ops
from .base_merge import BaseMerge


class Add(BaseMerge):
    """Sum of a list of tensors."""

    def combine(self, x, y):
        return ops.add(x, y)


def add(inputs, **kwargs):
    """Sum of a list of tensors, by a new `Add` layer."""
    return Add(**kwargs)(inputs)
