"""RandomInvert."""

from typing import Any

from .... import ops
from .factors import factor_range
from .image_layer import images_of, per_image
from .random_image_layer import RandomImageLayer


class RandomInvert(RandomImageLayer):
    """In training, replaces the values of some images by `value_range[1]` minus them.

    Args:
        factor: a number f for (0, f), or a pair, within [0, 1]: the probability is uniform in it.
        value_range: the smallest and the largest value of an image.
        seed: an int makes the sequence of coins reproducible.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
    """

    def __init__(
        self,
        factor: Any = 1.0,
        value_range: Any = (0, 255),
        seed: Any = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = factor_range(factor, "factor", self, 0, 1)
        self.value_range = value_range

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        if not training:
            return None
        return {"apply_inversion": self._coins(images_of(data), self.factor, seed)}

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        images = self._float(images)
        if not training or transformation is None:
            return images
        chosen = per_image(transformation["apply_inversion"])
        return ops.where(chosen, float(self.value_range[1]) - images, images)
