"""Reshape."""

import math
from typing import Any

from ...core.dispatch import apply
from ...core.keras_tensor import KerasTensor
from ..layer import Layer


class Reshape(Layer):
    """Gives each sample another shape.

    Args:
        target_shape: the shape without the batch axis; one entry may be -1.
    """

    def __init__(self, target_shape: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        target = tuple(target_shape) if isinstance(target_shape, list | tuple) else (None,)
        if any(not isinstance(n, int) or n < -1 for n in target) or target.count(-1) > 1:
            raise ValueError(
                "Reshape: `target_shape` must be a tuple of non-negative integers, or -1 for at most one "
                f"unknown dimension. Received: target_shape={target_shape!r}"
            )
        self.target_shape = target

    def compute_output_spec(self, inputs: Any) -> Any:
        """Told from the shapes alone where two sizes are unknown, the batch and that of -1."""
        sizes = tuple(inputs.shape[1:])
        if None not in sizes or -1 not in self.target_shape:
            return super().compute_output_spec(inputs)
        return KerasTensor(
            (inputs.shape[0], *(None if n == -1 else n for n in self.target_shape)), inputs.dtype
        )

    def call(self, inputs: Any) -> Any:
        sizes = tuple(inputs.shape[1:])
        fixed = math.prod(n for n in self.target_shape if n != -1)
        if None in sizes:
            # the batch or the sample must leave one unknown at most
            batch = inputs.shape[0]
            if -1 in self.target_shape and batch is None:
                raise ValueError(
                    f"Reshape '{self.name}': a target shape with -1 needs known sample sizes, received "
                    "input shape "
                    f"{tuple(inputs.shape)} and target_shape={self.target_shape}"
                )
            return apply("reshape", inputs, shape=(-1 if batch is None else batch, *self.target_shape))
        total = math.prod(sizes)
        if (total % fixed if fixed else total) if -1 in self.target_shape else total != fixed:
            raise ValueError(
                f"Reshape '{self.name}': a sample of shape {sizes} ({total} values) does not fit "
                f"target_shape={self.target_shape}"
            )
        rest = total // fixed if fixed else 0
        target = tuple(rest if n == -1 else n for n in self.target_shape)
        return apply("reshape", inputs, shape=(-1, *target))
