"""Permute."""

from typing import Any

from ...core.dispatch import apply
from ..input_spec import InputSpec
from ..layer import Layer


class Permute(Layer):
    """Reorders the axes of each sample.

    Args:
        dims: a permutation of 1..r, where 1 is the first axis after the batch.
    """

    writes_build_config = True

    def __init__(self, dims: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dims = tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ValueError(
                "Permute: Invalid permutation argument `dims`: it must hold the consecutive integers from 1, "
                f"each once. Received: dims={dims!r}"
            )
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def call(self, inputs: Any) -> Any:
        return apply("transpose", inputs, axes=(0, *self.dims))
