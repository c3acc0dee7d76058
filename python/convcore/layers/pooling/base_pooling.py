"""The one pooling layer; its subclasses fix the rank and the op."""

from typing import Any

from ...core.arguments import standardize_data_format, standardize_padding, standardize_tuple
from ...core.dispatch import apply
from ..common import to_float
from ..input_spec import InputSpec
from ..layer import Layer


class BasePooling(Layer):
    """Reduces each window of `rank` spatial axes to one number.

    Args:
        pool_size: an int or a tuple of {ints}, the size of the window.
        strides: an int or a tuple, the step of the window; None means `pool_size`.
        padding: `"valid"` (windows that fit) or `"same"` (output size is input size / strides, rounded up).
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.

    Raises:
        ValueError: for an argument out of its range; in the call, for an input of another rank, or smaller
            than the window with `"valid"`.

    Input shape: `(batch, {sizes}, channels)`, or `(batch, channels, {sizes})` under `"channels_first"`.

    Output shape: the same rank and channels. An axis of n elements becomes `(n - pool_size) // strides + 1`
    for `"valid"`, `n / strides`, rounded up, for `"same"`.
    """

    rank: int
    op: str

    def __init__(
        self,
        pool_size: Any,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.pool_size = standardize_tuple(pool_size, self.rank, "pool_size")
        self.strides = self.pool_size if strides is None else standardize_tuple(strides, self.rank, "strides")
        self.padding = standardize_padding(padding, ("valid", "same"))
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, inputs: Any) -> Any:
        return apply(
            self.op,
            to_float(inputs, self),
            pool_size=self.pool_size,
            strides=self.strides,
            padding=self.padding,
            data_format=self.data_format,
        )


class PairPooling(BasePooling):
    """A pooling whose window has size 2 unless told otherwise."""

    def __init__(
        self,
        pool_size: Any = 2,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool_size, strides, padding, data_format, name, **kwargs)
