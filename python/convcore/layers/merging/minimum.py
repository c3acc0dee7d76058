"""Minimum."""

from typing import Any

from ... import ops
from .base_merge import BaseMerge


class Minimum(BaseMerge):
    """Elementwise minimum of a list of tensors; where one is masked, the other counts."""

    handles_masks = True

    def combine(self, x: Any, y: Any) -> Any:
        return ops.minimum(x, y)


def minimum(inputs: Any, **kwargs: Any) -> Any:
    """Elementwise minimum of a list of tensors, by a new `Minimum` layer."""
    return Minimum(**kwargs)(inputs)
