"""The base of the layers that combine a list of tensors element by element."""

import functools
from typing import Any

from ... import ops
from ...core.masks import get_keras_mask
from ..layer import Layer


class BaseMerge(Layer):
    """Combines tensors whose shapes broadcast; a tensor of lower rank gets axes after the batch axis."""

    writes_build_config = True
    # Maximum and Minimum have no neutral element: there a masked element must not count.
    goes_around_masked = False

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def merge(self, inputs: Any) -> Any:
        """The result for a list of tensors of one rank; by default `combine` from left to right."""
        return functools.reduce(self.combine, inputs)

    def combine(self, x: Any, y: Any) -> Any:
        raise NotImplementedError(
            f"{type(self).__name__}: a merge layer defines combine(x, y) or merge(inputs)"
        )

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The OR of the inputs' masks; None unless every input has one."""
        if previous_mask is None or any(mask is None for mask in previous_mask):
            return None
        return functools.reduce(ops.logical_or, previous_mask)

    def call(self, inputs: Any) -> Any:
        check_list(self, inputs)
        masks = [get_keras_mask(x) for x in inputs]
        shapes = [tuple(x.shape) for x in inputs]
        rank = max(map(len, shapes))
        if min(map(len, shapes)) < rank:
            inputs = [_with_rank(x, rank) for x in inputs]
        for axis, sizes in enumerate(zip(*(tuple(x.shape) for x in inputs), strict=True)):
            known = {n for n in sizes if n is not None and (n != 1 or axis == 0)}
            if len(known) > 1:
                raise ValueError(
                    f"{type(self).__name__} '{self.name}': expected shapes that broadcast, with one batch "
                    "size, "
                    f"received {shapes}"
                )
        if self.goes_around_masked and any(mask is not None for mask in masks):
            return self._merge_unmasked(inputs, masks)
        return self.merge(list(inputs))

    def _merge_unmasked(self, inputs: Any, masks: Any) -> Any:
        """`combine` from left to right, a masked element giving way to the other one."""
        output, counts = inputs[0], _wide(masks[0])
        for x, mask in zip(inputs[1:], map(_wide, masks[1:]), strict=True):
            if mask is not None:
                x = ops.where(mask, x, output)
            if counts is not None:
                output = ops.where(counts, output, x)
            counts = None if mask is None or counts is None else ops.logical_or(counts, mask)
            output = self.combine(output, x)
        return output


def check_list(layer: Any, inputs: Any, count: Any = None) -> None:
    """ValueError unless `inputs` is a list or tuple of tensors (of `count`, if given)."""
    wanted = "a list of tensors" if count is None else f"a list of {count} tensors"
    if not isinstance(inputs, (list, tuple)) or not inputs or (count and len(inputs) != count):
        received = (
            f"{len(inputs)} tensors"
            if isinstance(inputs, (list, tuple))
            else f"one array of shape {tuple(inputs.shape)}"
            if hasattr(inputs, "shape")
            else f"{type(inputs).__name__} {inputs!r}"
        )
        raise ValueError(
            f"{type(layer).__name__} '{layer.name}': must be called on {wanted}, received {received}"
        )


def _wide(mask: Any) -> Any:
    return None if mask is None else ops.expand_dims(mask, -1)


def _with_rank(x: Any, rank: int) -> Any:
    while len(x.shape) < rank:
        x = ops.expand_dims(x, 1)
    return x
