"""UpSampling2D."""

from typing import Any

from ... import ops
from ...core.arguments import standardize_data_format, standardize_tuple
from ..common import spatial_axes
from ..input_spec import InputSpec
from ..layer import Layer


class UpSampling2D(Layer):
    """Repeats rows and columns.

    Args:
        size: an int or a pair, how often rows and columns are repeated.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        interpolation: `"nearest"`.
    """

    def __init__(
        self,
        size: Any = (2, 2),
        data_format: str | None = None,
        interpolation: str = "nearest",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.size = standardize_tuple(size, 2, "size")
        self.data_format = standardize_data_format(data_format)
        if interpolation != "nearest":
            raise ValueError(
                f"UpSampling2D: interpolation must be 'nearest', received interpolation={interpolation!r}"
            )
        self.interpolation = interpolation
        self.input_spec = InputSpec(ndim=4)

    def call(self, inputs: Any) -> Any:
        for axis, times in zip(spatial_axes(2, self.data_format), self.size, strict=True):
            inputs = ops.repeat(inputs, times, axis=axis)
        return inputs
