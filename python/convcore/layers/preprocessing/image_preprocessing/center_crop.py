"""CenterCrop."""

from typing import Any

from .... import ops
from ....core.arguments import positive_int
from ....ops.image.layout import known_sizes
from ....ops.image.resizing import window
from .image_layer import ImageLayer


class CenterCrop(ImageLayer):
    """The window `(height, width)` in the middle of an image, in training and outside it alike.

    Of an image that is smaller along an axis, the largest centred window of the target's aspect ratio is
    resized, bilinearly.

    Args:
        height, width: of the result.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
    """

    def __init__(self, height: int, width: int, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.height = positive_int(height, "height", type(self).__name__)
        self.width = positive_int(width, "width", type(self).__name__)

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        return self._crop(self._float(images), "bilinear")

    def transform_segmentation_masks(
        self, masks: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        return self._crop(masks, "nearest")

    def _crop(self, images: Any, interpolation: str) -> Any:
        return crop_or_resize(images, (self.height, self.width), self.data_format, interpolation)


def crop_or_resize(
    images: Any, size: tuple[int, int], data_format: str, interpolation: str = "bilinear"
) -> Any:
    """The centred window of `size`, or a resized one of images that are smaller."""
    rows, columns = known_sizes(images, data_format, "crop")
    if rows >= size[0] and columns >= size[1]:
        start = (rows - size[0]) // 2, (columns - size[1]) // 2
        return window(images, start, size, data_format)
    return ops.image.resize(
        images, size, interpolation=interpolation, crop_to_aspect_ratio=True, data_format=data_format
    )
