"""Equalization."""

from typing import Any

from .... import ops
from ....core.arguments import positive_int
from ....ops.image.layout import image_axes
from .factors import value_range_pair
from .image_layer import ImageLayer
from .value_range import rescaled


class Equalization(ImageLayer):
    """In training, spreads the values of each channel so that all are about equally frequent.

    The histogram is that of the channel in all images of the batch; channels of one value stay as they are.

    Args:
        value_range: the smallest and the largest value of an image.
        bins: number of bins of the histogram.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
    """

    def __init__(
        self, value_range: Any = (0, 255), bins: int = 256, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.bins = positive_int(bins, "bins", type(self).__name__)
        self.value_range = value_range_pair(value_range, self)

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        images = self._float(images)
        if not training:
            return images
        axis = image_axes(4, self.data_format)[2]
        values = rescaled(images, self.value_range, (0, 255))
        channels = [self._spread(channel) for channel in ops.unstack(values, axis=axis)]
        return rescaled(ops.stack(channels, axis=axis), (0, 255), self.value_range)

    def _spread(self, channel: Any) -> Any:
        last = float(self.bins - 1)
        # the bin that counts a value and the one that it is looked up in are rounded apart, as in Keras
        counted = ops.cast(ops.clip(channel * last / 255.0, 0.0, last), "int32")
        counted = ops.reshape(counted, [-1])
        counts = ops.segment_sum(ops.ones_like(counted), counted, self.bins)
        sums = ops.cast(ops.cumsum(counts), channel.dtype)
        first = ops.min(ops.where(sums > 0.0, sums, ops.max(sums)))
        table = ops.round(ops.divide_no_nan((sums - first) * 255.0, ops.max(sums) - first))
        place = ops.cast(ops.clip(channel / 255.0 * last, 0.0, last), "int32")
        several = ops.count_nonzero(counts) > 1
        return ops.where(several, ops.take(ops.clip(table, 0.0, 255.0), place), channel)
