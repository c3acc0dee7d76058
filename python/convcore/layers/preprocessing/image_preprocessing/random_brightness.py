"""RandomBrightness."""

from typing import Any

from .... import ops
from .factors import factor_range, value_range_pair
from .image_layer import images_of, per_image
from .random_image_layer import RandomImageLayer


class RandomBrightness(RandomImageLayer):
    """In training, adds one number to each image, uniform in `factor` times the width of `value_range`.

    Results are kept within `value_range`.

    Args:
        factor: a number f for (-f, f), or a pair, within [-1, 1].
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
        self.factor = factor_range(factor, "factor", self, -1, 1)
        self.value_range = value_range_pair(value_range, self)

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        if not training:
            return None
        low, high = self.value_range
        delta = self._draw(images_of(data), *self.factor, (None, 1, 1, 1), seed)
        return {"rgb_delta": delta * float(high - low)}

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        images = self._float(images)
        if not training or transformation is None:
            return images
        return ops.clip(images + per_image(transformation["rgb_delta"]), *self.value_range)
