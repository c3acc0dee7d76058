"""Resizing."""

from typing import Any

from .... import ops
from ....core.arguments import positive_int
from .image_layer import ImageLayer


class Resizing(ImageLayer):
    """Resamples images to `(height, width)`, in training and outside it alike. Integers keep their dtype.

    Args:
        height, width: of the result.
        interpolation: `"nearest"`, `"bilinear"`, `"bicubic"`, `"lanczos3"` or `"lanczos5"`; masks take the
            nearest pixel.
        crop_to_aspect_ratio: whether the largest centred window of the target's aspect ratio is resized.
        pad_to_aspect_ratio: whether the image is padded with `fill_value` to the target's aspect ratio first.
        fill_mode: `"constant"`.
        fill_value: see `pad_to_aspect_ratio`.
        antialias: whether the kernel is widened when shrinking.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
    """

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.height = positive_int(height, "height", type(self).__name__)
        self.width = positive_int(width, "width", type(self).__name__)
        self.interpolation = interpolation
        self.crop_to_aspect_ratio = crop_to_aspect_ratio
        self.pad_to_aspect_ratio = pad_to_aspect_ratio
        self.fill_mode = fill_mode
        self.fill_value = fill_value
        self.antialias = bool(antialias)

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        return self._resize(images, self.interpolation)

    def transform_segmentation_masks(
        self, masks: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        return self._resize(masks, "nearest")

    def _resize(self, images: Any, interpolation: str) -> Any:
        return ops.image.resize(
            images,
            (self.height, self.width),
            interpolation=interpolation,
            antialias=self.antialias,
            crop_to_aspect_ratio=self.crop_to_aspect_ratio,
            pad_to_aspect_ratio=self.pad_to_aspect_ratio,
            fill_mode=self.fill_mode,
            fill_value=self.fill_value,
            data_format=self.data_format,
        )
