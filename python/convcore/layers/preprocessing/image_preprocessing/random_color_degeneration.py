"""RandomColorDegeneration."""

from typing import Any

from .... import ops
from .factors import factor_range, value_range_pair
from .image_layer import images_of, per_image
from .random_image_layer import RandomImageLayer


class RandomColorDegeneration(RandomImageLayer):
    """In training, mixes each image with its gray version, whose part is uniform in `factor`.

    Args:
        factor: a number f for (-f, f), or a pair, within [-1, 1]; negative parts make colors stronger.
        value_range: the smallest and the largest value of an image.
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
        return {"factor": self._draw(images_of(data), *self.factor, (None, 1, 1, 1), seed)}

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        images = self._float(images)
        if not training or transformation is None:
            return images
        gray = ops.image.rgb_to_grayscale(images, data_format=self.data_format)
        mixed = images + per_image(transformation["factor"]) * (gray - images)
        return ops.clip(mixed, *self.value_range)
