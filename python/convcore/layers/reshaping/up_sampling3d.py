"""UpSampling3D."""

from typing import Any

from ...core.arguments import standardize_data_format, standardize_tuple
from ...core.dispatch import apply
from ..input_spec import InputSpec
from ..layer import Layer


class UpSampling3D(Layer):
    """Repeats the elements along three spatial axes.

    Args:
        size: an int or three, how often along each axis.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
    """

    writes_build_config = True

    def __init__(self, size: Any = (2, 2, 2), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = standardize_tuple(size, 3, "size")
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=5)

    def call(self, inputs: Any) -> Any:
        return apply("up_sample", inputs, size=self.size, data_format=self.data_format)
