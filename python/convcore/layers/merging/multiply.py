"""Multiply."""

from typing import Any

from ... import ops
from .base_merge import BaseMerge


class Multiply(BaseMerge):
    """Product of a list of tensors."""

    def combine(self, x: Any, y: Any) -> Any:
        return ops.multiply(x, y)


def multiply(inputs: Any, **kwargs: Any) -> Any:
    """Product of a list of tensors, by a new `Multiply` layer."""
    return Multiply(**kwargs)(inputs)
