"""Average."""

import functools
from typing import Any

from ... import ops
from .base_merge import BaseMerge


class Average(BaseMerge):
    """Mean of a list of tensors."""

    def merge(self, inputs: Any) -> Any:
        return ops.divide(functools.reduce(ops.add, inputs), float(len(inputs)))


def average(inputs: Any, **kwargs: Any) -> Any:
    """Mean of a list of tensors, by a new `Average` layer."""
    return Average(**kwargs)(inputs)
