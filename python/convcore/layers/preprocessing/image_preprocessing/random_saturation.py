"""RandomSaturation."""

from typing import Any

from .... import config, ops
from ....ops.image.layout import image_axes
from .factors import factor_range, value_range_pair
from .image_layer import images_of, per_image
from .random_image_layer import RandomImageLayer


class RandomSaturation(RandomImageLayer):
    """In training, multiplies the saturation of each image by u / (1 - u), u uniform in `factor`.

    u = 0 makes it gray, 0.5 leaves it, 1 saturates it fully.

    Args:
        factor: a pair within [0, 1]. A number f means (-f, f), as in Keras, negative values make gray.
        value_range: limits of the saturation.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        seed: an int makes the sequence of numbers reproducible.
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
        self.factor = factor_range(factor, "factor", self, -1, 1)
        self.value_range = value_range_pair(value_range, self)

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        if not training:
            return None
        u = self._draw(images_of(data), *self.factor, seed=seed)
        return {"factor": u / (1.0 - u + config.epsilon())}

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        images = self._float(images)
        if not training or transformation is None:
            return images
        axis = image_axes(4, self.data_format)[2]
        colors = ops.image.rgb_to_hsv(images, data_format=self.data_format)
        hue, saturation, value = ops.split(colors, 3, axis=axis)
        saturation = ops.clip(saturation * per_image(transformation["factor"]), *self.value_range)
        colors = ops.concatenate([hue, saturation, value], axis=axis)
        return ops.image.hsv_to_rgb(colors, data_format=self.data_format)
