"""UpSampling1D."""

from typing import Any

from ...core.dispatch import apply
from ..input_spec import InputSpec
from ..layer import Layer


class UpSampling1D(Layer):
    """Repeats each step of `(batch, steps, channels)`.

    Args:
        size: how often, an int > 0.
    """

    writes_build_config = True

    def __init__(self, size: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(size, bool) or not isinstance(size, int):
            raise TypeError(
                f"UpSampling1D: Expected an integer value for `size`, received size={size!r} "
                f"({type(size).__name__})"
            )
        if size <= 0:
            raise ValueError(f"UpSampling1D: `size` should be a positive integer. Received: size={size}")
        self.size = size
        self.input_spec = InputSpec(ndim=3)

    def call(self, inputs: Any) -> Any:
        return apply("up_sample", inputs, size=[self.size])
