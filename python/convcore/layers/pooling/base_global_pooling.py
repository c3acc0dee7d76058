"""The one global pooling layer; its subclasses fix the rank and the reduction."""

from typing import Any

from ...core.arguments import standardize_data_format
from ..common import spatial_axes
from ..input_spec import InputSpec
from ..layer import Layer


class BaseGlobalPooling(Layer):
    """Reduces all spatial axes to one number per channel.

    Args:
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        keepdims: keep the spatial axes with size 1.

    Raises:
        ValueError: in the call, for an input of another rank.

    Input shape: `(batch, {sizes}, channels)`, or `(batch, channels, {sizes})` under `"channels_first"`.

    Output shape: `(batch, channels)`; with `keepdims` the rank of the input.
    """

    rank: int

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.keepdims = keepdims
        self.input_spec = InputSpec(ndim=self.rank + 2)

    @property
    def axes(self) -> tuple[int, ...]:
        return spatial_axes(self.rank, self.data_format)
