"""UpSampling2D."""

from typing import Any

from ...core.arguments import standardize_data_format, standardize_tuple
from ...core.dispatch import apply
from ...ops.image.layout import as_float, in_dtype
from ...ops.image.resizing import INTERPOLATIONS
from ..input_spec import InputSpec
from ..layer import Layer


class UpSampling2D(Layer):
    """Makes images larger by whole factors.

    Args:
        size: an int or a pair, the factors of rows and columns.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        interpolation: `"nearest"` (elements are repeated), `"bilinear"`, `"bicubic"`, `"lanczos3"` or
            `"lanczos5"`, with half-pixel centres as in `ops.image.resize`.

    Input shape: `(batch, rows, columns, channels)`, or with the channels second under `"channels_first"`;
    rows and columns may be unknown.

    Output shape: the same with `size[0] * rows` and `size[1] * columns`.
    """

    writes_build_config = True

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
        word = interpolation.lower() if isinstance(interpolation, str) else interpolation
        if word not in INTERPOLATIONS:
            raise ValueError(
                f"UpSampling2D: interpolation must be one of {INTERPOLATIONS}, received "
                f"interpolation={interpolation!r}"
            )
        self.interpolation = word
        self.input_spec = InputSpec(ndim=4)

    def call(self, inputs: Any) -> Any:
        if self.interpolation == "nearest":
            return apply("up_sample", inputs, size=self.size, data_format=self.data_format)
        resized = apply(
            "resize",
            as_float(inputs),
            scale=self.size,
            interpolation=self.interpolation,
            data_format=self.data_format,
        )
        return in_dtype(resized, inputs.dtype)
