"""Multiply."""

from ... import ops
from .base_merge import BaseMerge


class Multiply(BaseMerge):
    """Product of a list of tensors."""

    def combine(self, x, y):
        return ops.multiply(x, y)


def multiply(inputs, **kwargs):
    """Product of a list of tensors, by a new `Multiply` layer."""
    return Multiply(**kwargs)(inputs)
