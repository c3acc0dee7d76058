"""Flatten."""

from typing import Any

from ... import ops
from ...core.arguments import standardize_data_format
from ...core.dispatch import apply
from ..input_spec import InputSpec
from ..layer import Layer


class Flatten(Layer):
    """All axes but the batch become one.

    Args:
        data_format: under `"channels_first"` the channels are moved last before flattening, so that the
            weights of a following Dense mean the same in both formats; None takes the global setting.
    """

    writes_build_config = True

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Any) -> Any:
        ndim = len(inputs.shape)
        if ndim == 1:
            return ops.expand_dims(inputs, -1)
        if self.data_format == "channels_first" and ndim > 2:
            inputs = apply("transpose", inputs, axes=(0, *range(2, ndim), 1))
        return apply("flatten", inputs)
