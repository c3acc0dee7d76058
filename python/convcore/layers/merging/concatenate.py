"""Concatenate."""

from typing import Any

from ... import ops
from ..layer import Layer
from .base_merge import check_list, check_masks


class Concatenate(Layer):
    """Joins a list of tensors along one axis.

    Args:
        axis: the axis (the batch is 0); all other sizes must be equal.
    """

    writes_build_config = True

    def __init__(self, axis: Any = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        check_list(self, inputs)
        shapes = [tuple(x.shape) for x in inputs]
        rank = len(shapes[0])
        equal = all(len(shape) == rank for shape in shapes) and -rank <= self.axis < rank
        for axis, sizes in enumerate(zip(*shapes, strict=equal)):
            if axis != self.axis % rank and len({n for n in sizes if n is not None}) > 1:
                equal = False
        if not equal:
            raise ValueError(
                f"Concatenate '{self.name}': requires inputs with matching shapes except for the "
                f"concatenation axis {self.axis}. Received: {shapes}"
            )
        return ops.concatenate(inputs, axis=self.axis)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Masks widened to their inputs (true where there is none), joined, then `any` over the last axis."""
        check_masks(self, inputs, previous_mask)
        if previous_mask is None or all(mask is None for mask in previous_mask):
            return None
        wide = []
        for x, mask in zip(inputs, previous_mask, strict=True):
            nothing = ops.zeros_like(x, dtype="bool")
            if mask is None:
                wide.append(ops.logical_not(nothing))
            elif len(mask.shape) < len(x.shape):
                wide.append(ops.logical_or(ops.expand_dims(mask, -1), nothing))
            else:
                wide.append(mask)
        return ops.any(ops.concatenate(wide, axis=self.axis), axis=-1)


def concatenate(inputs: Any, axis: Any = -1, **kwargs: Any) -> Any:
    """Joins a list of tensors along one axis, by a new `Concatenate` layer."""
    return Concatenate(axis=axis, **kwargs)(inputs)
