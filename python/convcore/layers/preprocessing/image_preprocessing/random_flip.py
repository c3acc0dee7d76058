"""RandomFlip."""

from typing import Any

from .... import ops
from .base_warp import columns
from .image_layer import images_of
from .random_image_layer import RandomImageLayer

_MODES = ("horizontal", "vertical", "horizontal_and_vertical")


class RandomFlip(RandomImageLayer):
    """In training, mirrors each image with probability 1/2.

    With the default mode the one coin of an image mirrors it along both axes together, as in Keras: chain a
    horizontal and a vertical layer for independent coins.

    Args:
        mode: `"horizontal"` (left and right change places), `"vertical"` or `"horizontal_and_vertical"`.
        seed: an int makes the sequence of coins reproducible.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
    """

    def __init__(
        self,
        mode: str = "horizontal_and_vertical",
        seed: Any = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        if mode not in _MODES:
            raise ValueError(f"RandomFlip: mode must be one of {_MODES}, received mode={mode!r}")
        self.mode = mode

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        if not training:
            return None
        images = images_of(data)
        return {"flips": self._draw(images, 0.0, 1.0, (None, 1, 1, 1), seed) <= 0.5}

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        images = self._float(images)
        if not training or transformation is None:
            return images
        return self._flip(images, transformation)

    def _flip(self, images: Any, transformation: Any) -> Any:
        # the nearest pixel at whole coordinates is a copy, and one pass over the images
        height, width = self._sizes(images)
        flips = ops.reshape(ops.cast(transformation["flips"], str(images.dtype)), (-1, 1))
        sign = 1.0 - 2.0 * flips
        x, y = (sign, flips * (width - 1)) if self.mode != "vertical" else (1.0, 0.0)
        u, v = (sign, flips * (height - 1)) if self.mode != "horizontal" else (1.0, 0.0)
        return ops.image.affine_transform(
            images,
            columns(x, 0.0, y, 0.0, u, v, 0.0, 0.0),
            interpolation="nearest",
            fill_mode="nearest",
            data_format=self.data_format,
        )

    def transform_segmentation_masks(
        self, masks: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        return self.transform_images(masks, transformation, training=training)
