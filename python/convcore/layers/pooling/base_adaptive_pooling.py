"""The one adaptive pooling layer; its subclasses fix the rank and the op."""

from typing import Any

import numpy as np

from ...core.arguments import standardize_data_format, standardize_tuple
from ...core.dispatch import apply
from ..common import to_float
from ..input_spec import InputSpec
from ..layer import Layer


class BaseAdaptivePooling(Layer):
    """Reduces windows that share the spatial axes evenly, so that the output has a given size.

    Along an axis of n elements with m windows, window i holds the elements from floor(i n / m) up to, but
    without, ceil((i + 1) n / m); neighbours overlap where m does not divide n, and m may exceed n.

    Args:
        output_size: an int or a tuple of {ints}, the spatial size of the output.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.

    Raises:
        TypeError: `output_size` is neither an int nor a tuple or list.
        ValueError: it does not hold {ints} above 0.

    Input shape: `(batch, {sizes}, channels)`, or `(batch, channels, {sizes})` under `"channels_first"`.

    Output shape: the same rank and channels, with `output_size` as the spatial sizes.
    """

    rank: int
    op: str
    writes_build_config = True

    def __init__(self, output_size: Any, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(output_size, bool) or not isinstance(output_size, (int, np.integer, tuple, list)):
            raise TypeError(
                f"{type(self).__name__}: output_size must be an integer or a tuple of {self.rank} integers, "
                f"received output_size={output_size!r} ({type(output_size).__name__})"
            )
        self.output_size = standardize_tuple(output_size, self.rank, "output_size")
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, inputs: Any) -> Any:
        return apply(
            self.op, to_float(inputs, self), output_size=self.output_size, data_format=self.data_format
        )
