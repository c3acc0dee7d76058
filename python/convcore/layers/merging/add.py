"""Add."""

from typing import Any

from ... import ops
from .base_merge import BaseMerge


class Add(BaseMerge):
    """Sum of a list of tensors."""

    def combine(self, x: Any, y: Any) -> Any:
        return ops.add(x, y)


def add(inputs: Any, **kwargs: Any) -> Any:
    """Sum of a list of tensors, by a new `Add` layer."""
    return Add(**kwargs)(inputs)
