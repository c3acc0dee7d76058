"""Multiply."""

import functools
from typing import Any

from ... import ops
from .base_merge import BaseMerge


class Multiply(BaseMerge):
    """Product of a list of tensors; masked elements count as 1, where all are masked the result is 0."""

    handles_masks = True

    def combine(self, x: Any, y: Any) -> Any:
        return ops.multiply(x, y)

    def merge_masked(self, inputs: Any, masks: Any) -> Any:
        kept = [x if mask is None else ops.where(mask, x, 1) for x, mask in zip(inputs, masks, strict=True)]
        output = self.merge(kept)
        if any(mask is None for mask in masks):
            return output
        return ops.where(functools.reduce(ops.logical_or, masks), output, 0)


def multiply(inputs: Any, **kwargs: Any) -> Any:
    """Product of a list of tensors, by a new `Multiply` layer."""
    return Multiply(**kwargs)(inputs)
