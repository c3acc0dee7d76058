"""The base of the layers that combine a list of tensors element by element."""

import functools
from typing import Any

from ... import ops
from ..layer import Layer


class BaseMerge(Layer):
    """Combines tensors whose shapes broadcast; a tensor of lower rank gets axes after the batch axis."""

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

    def call(self, inputs: Any) -> Any:
        check_list(self, inputs)
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
        return self.merge(list(inputs))


def check_list(layer: Any, inputs: Any, count: Any = None) -> None:
    """ValueError unless `inputs` is a list or tuple of tensors (of `count`, if given)."""
    wanted = "a list of tensors" if count is None else f"a list of {count} tensors"
    if not isinstance(inputs, (list, tuple)) or not inputs or (count and len(inputs) != count):
        received = (
            f"{len(inputs)} tensors"
            if isinstance(inputs, (list, tuple))
            else f"{type(inputs).__name__} {inputs!r}"
        )
        raise ValueError(
            f"{type(layer).__name__} '{layer.name}': must be called on {wanted}, received {received}"
        )


def _with_rank(x: Any, rank: int) -> Any:
    while len(x.shape) < rank:
        x = ops.expand_dims(x, 1)
    return x
