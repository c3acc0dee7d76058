"""RandomHue."""

from typing import Any

from .... import ops
from ....ops.image.layout import image_axes
from .factors import factor_range
from .image_layer import images_of, per_image
from .random_image_layer import RandomImageLayer
from .value_range import rescaled


class RandomHue(RandomImageLayer):
    """In training, turns the hue of each image by up to half of the color circle.

    Args:
        factor: a number f for (0, f), or a pair, within [0, 1]: the part of half a turn, in either direction.
        value_range: the smallest and the largest value of an image.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        seed: an int makes the sequence of turns reproducible.
    """

    def __init__(
        self,
        factor: Any,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = factor_range(factor, "factor", self, 0, 1)
        self.value_range = value_range

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        if not training:
            return None
        images = images_of(data)
        sign = ops.where(self._draw(images, 0.0, 1.0, seed=seed) > 0.5, -1.0, 1.0)
        return {"factor": sign * self._draw(images, *self.factor, seed=seed) * 0.5}

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        images = self._float(images)
        if not training or transformation is None:
            return images
        axis = image_axes(4, self.data_format)[2]
        colors = ops.image.rgb_to_hsv(
            rescaled(images, self.value_range, (0, 1)), data_format=self.data_format
        )
        hue, rest = ops.split(colors, [1], axis=axis)
        hue = hue + per_image(transformation["factor"])
        hue = ops.where(hue > 1.0, hue - 1.0, hue)
        hue = ops.where(hue < 0.0, hue + 1.0, hue)
        colors = ops.image.hsv_to_rgb(ops.concatenate([hue, rest], axis=axis), data_format=self.data_format)
        return rescaled(ops.clip(colors, 0.0, 1.0), (0, 1), self.value_range)
