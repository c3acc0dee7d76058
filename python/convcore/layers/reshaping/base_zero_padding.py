"""The one zero-padding layer; its subclasses fix the rank and the default."""

from typing import Any

from ...core.arguments import standardize_data_format
from ...core.dispatch import apply
from ..input_spec import InputSpec
from ..layer import Layer
from .pairs import standardize_pairs


class BaseZeroPadding(Layer):
    """Puts zeros around the spatial axes.

    Args:
        padding: an int for every side; one int per axis for both of its sides; or a pair (front, back) per
            axis.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.

    Raises:
        ValueError: for an argument of another form, or below 0; in the call, for an input of another rank.

    Input shape: `(batch, {sizes}, channels)`, or `(batch, channels, {sizes})` under `"channels_first"`.

    Output shape: the same rank and channels, each spatial axis longer by its padding on both sides.
    """

    writes_build_config = True

    rank: int

    def __init__(self, padding: Any = 1, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._pairs = standardize_pairs(padding, self.rank, "padding", self)
        self.padding = self._pairs[0] if self.rank == 1 else self._pairs
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, inputs: Any) -> Any:
        flat = [n for pair in self._pairs for n in pair]
        edges = [0, 0, 0, 0, *flat] if self.data_format == "channels_first" else [0, 0, *flat, 0, 0]
        return apply("pad", inputs, paddings=edges)
