"""RandomCrop."""

from typing import Any

from .... import ops
from ....core.arguments import positive_int
from ....ops.image.layout import image_axes, known_sizes
from ....ops.image.resizing import window
from ....random import make_default_seed, uniform
from .center_crop import crop_or_resize
from .image_layer import images_of
from .random_image_layer import RandomImageLayer


class RandomCrop(RandomImageLayer):
    """In training, cuts one window `(height, width)` at a random place, the same for the whole batch.

    Images that are not larger along both axes are cut in the middle and resized where that is too small.
    Outside training it is a `CenterCrop`. (Keras 3.15 returns the image uncropped there, although it declares
    the cropped shape.)

    Args:
        height, width: of the result.
        seed: an int makes the sequence of places reproducible.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
    """

    def __init__(
        self,
        height: int,
        width: int,
        seed: Any = None,
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        seed = make_default_seed() if seed is None else seed
        super().__init__(seed=seed, data_format=data_format, name=name, **kwargs)
        self.height = positive_int(height, "height", type(self).__name__)
        self.width = positive_int(width, "width", type(self).__name__)

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        """The first row and the first column of the window; None outside training."""
        if not training:
            return None
        rows, columns = known_sizes(images_of(data), self.data_format, "RandomCrop")
        if rows > self.height and columns > self.width:
            seed = self.generator if seed is None else seed
            return tuple(
                ops.cast(uniform((), 0.0, float(size - target + 1), seed=seed), "int32")
                for size, target in ((rows, self.height), (columns, self.width))
            )
        kept_rows = max(min(rows, int(columns * self.height / self.width)), 1)
        kept_columns = max(min(columns, int(rows * self.width / self.height)), 1)
        return int((rows - kept_rows) / 2), int((columns - kept_columns) / 2)

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        return self._crop(self._float(images), transformation, "bilinear")

    def transform_segmentation_masks(
        self, masks: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        return self._crop(masks, transformation, "nearest")

    def _crop(self, images: Any, transformation: Any, interpolation: str) -> Any:
        size = self.height, self.width
        if transformation is None:
            return crop_or_resize(images, size, self.data_format, interpolation)
        if all(isinstance(start, int) for start in transformation):
            images = window(images, transformation, size, self.data_format)
            if known_sizes(images, self.data_format, "RandomCrop") == size:
                return images
            return ops.image.resize(images, size, interpolation=interpolation, data_format=self.data_format)
        for axis, start, count in zip(image_axes(4, self.data_format), transformation, size, strict=False):
            images = ops.take(images, ops.arange(count, dtype="int32") + start, axis=axis)
        return images
