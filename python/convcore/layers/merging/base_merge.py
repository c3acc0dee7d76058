"""The base of the layers that combine a list of tensors element by element."""

import functools
from typing import Any

from ... import ops
from ...core.masks import get_keras_mask
from ..layer import Layer


class BaseMerge(Layer):
    """Combines tensors whose shapes broadcast; a tensor of lower rank gets axes after the batch axis."""

    writes_build_config = True
    # Where a masked element, a zero, must not count: Maximum, Minimum, Multiply.
    handles_masks = False

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
        check_masks(self, inputs, previous_mask)
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
        if self.handles_masks and any(mask is not None for mask in masks):
            return self.merge_masked(inputs, [_wide(mask) for mask in masks])
        return self.merge(list(inputs))

    def merge_masked(self, inputs: Any, masks: Any) -> Any:
        """`combine` from left to right, a masked element giving way to the other one."""
        output, counts = inputs[0], masks[0]
        for x, mask in zip(inputs[1:], masks[1:], strict=True):
            if mask is not None:
                x = ops.where(mask, x, output)
            if counts is not None:
                output = ops.where(counts, output, x)
            counts = None if mask is None or counts is None else ops.logical_or(counts, mask)
            output = self.combine(output, x)
        return output


def check_masks(layer: Any, inputs: Any, masks: Any) -> None:
    """ValueError unless `masks` is None or a list with a mask (or None) for each of the list `inputs`."""
    if masks is None:
        return
    for name, value in (("mask", masks), ("inputs", inputs)):
        if not isinstance(value, (list, tuple)):
            raise ValueError(
                f"{type(layer).__name__} '{layer.name}': `{name}` should be a list. Received: "
                f"{name}={value!r}"
            )
    if len(masks) != len(inputs):
        raise ValueError(
            f"{type(layer).__name__} '{layer.name}': the lists `inputs` and `mask` should have the same "
            f"length. Received: {len(inputs)} inputs and {len(masks)} masks"
        )


def check_list(layer: Any, inputs: Any, count: Any = None) -> None:
    """ValueError unless `inputs` is a list or tuple of tensors (of `count`, if given)."""
    wanted = "a list of inputs" if count is None else f"exactly {count} inputs, in a list"
    if not isinstance(inputs, (list, tuple)) or not inputs or (count and len(inputs) != count):
        received = (
            f"{len(inputs)} tensors"
            if isinstance(inputs, (list, tuple))
            else f"one array of shape {tuple(inputs.shape)}"
            if hasattr(inputs, "shape")
            else f"{type(inputs).__name__} {inputs!r}"
        )
        raise ValueError(
            f"{type(layer).__name__} '{layer.name}': a merge layer should be called on {wanted}. "
            f"Received: {received}"
        )


def _wide(mask: Any) -> Any:
    return None if mask is None else ops.expand_dims(mask, -1)


def _with_rank(x: Any, rank: int) -> Any:
    while len(x.shape) < rank:
        x = ops.expand_dims(x, 1)
    return x
