"""AutoContrast."""

from typing import Any

from .... import ops
from ....ops.image.layout import image_axes
from .factors import value_range_pair
from .image_layer import ImageLayer
from .value_range import rescaled


class AutoContrast(ImageLayer):
    """Stretches each channel of each image to the whole value range, in training and outside it alike.

    Channels of one value stay as they are.

    Args:
        value_range: the smallest and the largest value of an image.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
    """

    def __init__(self, value_range: Any = (0, 255), *, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.value_range = value_range_pair(value_range, self)

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        images = self._float(images)
        values = rescaled(images, self.value_range, (0, 255))
        axes = image_axes(4, self.data_format)[:2]
        low, high = ops.min(values, axis=axes, keepdims=True), ops.max(values, axis=axes, keepdims=True)
        stretched = ops.clip(ops.divide_no_nan(values - low, high - low) * 255.0, 0.0, 255.0)
        return ops.where(high > low, rescaled(stretched, (0, 255), self.value_range), images)
