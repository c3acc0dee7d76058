"""Maximum."""

from ... import ops
from .base_merge import BaseMerge


class Maximum(BaseMerge):
    """Elementwise maximum of a list of tensors."""

    def combine(self, x, y):
        return ops.maximum(x, y)


def maximum(inputs, **kwargs):
    """Elementwise maximum of a list of tensors, by a new `Maximum` layer."""
    return Maximum(**kwargs)(inputs)
