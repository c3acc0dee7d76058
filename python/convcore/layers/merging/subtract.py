"""Subtract."""

from ... import ops
from .base_merge import BaseMerge, check_list


class Subtract(BaseMerge):
    """The first of two tensors minus the second."""

    def call(self, inputs):
        check_list(self, inputs, 2)
        return super().call(inputs)

    def combine(self, x, y):
        return ops.subtract(x, y)


def subtract(inputs, **kwargs):
    """The first of two tensors minus the second, by a new `Subtract` layer."""
    return Subtract(**kwargs)(inputs)
