"""Subtract."""

from typing import Any

from ... import ops
from .base_merge import BaseMerge, check_list


class Subtract(BaseMerge):
    """The first of two tensors minus the second."""

    def call(self, inputs: Any) -> Any:
        check_list(self, inputs, 2)
        return super().call(inputs)

    def combine(self, x: Any, y: Any) -> Any:
        return ops.subtract(x, y)


def subtract(inputs: Any, **kwargs: Any) -> Any:
    """The first of two tensors minus the second, by a new `Subtract` layer."""
    return Subtract(**kwargs)(inputs)
