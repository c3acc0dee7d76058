"""RandomPosterization."""

from typing import Any

from .... import ops
from .factors import factor_range, value_range_pair
from .image_layer import images_of, per_image
from .random_image_layer import RandomImageLayer
from .value_range import rescaled


class RandomPosterization(RandomImageLayer):
    """In training, keeps only the upper bits of each value, as many as are drawn for the image.

    Args:
        factor: a number n for 1 to n - 1 bits, or a pair (low, high) for low to high - 1, within [1, 8];
            equal numbers mean that many.
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
        self.factor = factor_range(factor, "factor", self, 1, 8)
        self.value_range = value_range_pair(value_range, self)

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        if not training:
            return None
        low, high = self.factor
        bits = ops.floor(self._draw(images_of(data), low, high if high > low else low + 1, seed=seed))
        return {"shift_factor": 8.0 - bits}

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        images = self._float(images)
        if not training or transformation is None:
            return images
        step = ops.power(2.0, per_image(ops.cast(transformation["shift_factor"], str(images.dtype))))
        whole = ops.floor(ops.clip(rescaled(images, self.value_range, (0, 255)), 0.0, 255.0))
        return rescaled(ops.floor(whole / step) * step, (0, 255), self.value_range)
