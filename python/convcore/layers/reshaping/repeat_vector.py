"""RepeatVector."""

from typing import Any

import numpy as np

from ... import ops
from ...core.dispatch import apply
from ..input_spec import InputSpec
from ..layer import Layer


class RepeatVector(Layer):
    """Repeats each vector: `(batch, features)` -> `(batch, n, features)`.

    Args:
        n: how often, an int > 0.
    """

    writes_build_config = True

    def __init__(self, n: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(n, bool) or not isinstance(n, int):
            raise TypeError(
                f"RepeatVector: Expected an integer value for `n`. Received: n={n!r} ({type(n).__name__})"
            )
        if n <= 0:
            raise ValueError(f"RepeatVector: `n` should be a positive integer. Received: n={n}")
        self.n = n
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs: Any) -> Any:
        return apply("take", ops.expand_dims(inputs, 1), np.zeros(self.n, "int32"), axis=1)
