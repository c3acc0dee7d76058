"""RandomContrast."""

from typing import Any

from .... import ops
from ....ops.image.layout import image_axes
from .factors import factor_range
from .image_layer import images_of, per_image
from .random_image_layer import RandomImageLayer


class RandomContrast(RandomImageLayer):
    """In training, multiplies each pixel's distance from its channel's mean by one number per image.

    The number is uniform in [1 - lower, 1 + upper]; results are kept within `value_range`.

    Args:
        factor: a pair (lower, upper) within [0, 1]. A number f means (0, f), as in Keras: it only ever
            increases contrast.
        value_range: the smallest and the largest value of an image.
        seed: an int makes the sequence of numbers reproducible.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
    """

    def __init__(
        self,
        factor: Any,
        value_range: Any = (0, 255),
        seed: Any = None,
        *,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = factor_range(factor, "factor", self, 0, 1)
        self.value_range = value_range

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        if not training:
            return None
        lower, upper = self.factor
        return {
            "contrast_factor": self._draw(images_of(data), 1.0 - lower, 1.0 + upper, (None, 1, 1, 1), seed)
        }

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        images = self._float(images)
        if not training or transformation is None:
            return images
        mean = ops.mean(images, axis=image_axes(4, self.data_format)[:2], keepdims=True)
        changed = (images - mean) * per_image(transformation["contrast_factor"]) + mean
        return ops.clip(changed, *self.value_range)
