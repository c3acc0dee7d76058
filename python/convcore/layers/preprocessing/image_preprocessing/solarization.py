"""Solarization."""

from typing import Any

from .... import ops
from .factors import symmetric_range, value_range_pair
from .image_layer import images_of, per_image
from .random_image_layer import RandomImageLayer
from .value_range import rescaled


class Solarization(RandomImageLayer):
    """In training, adds a number to each image and then inverts the values that are not below a threshold.

    Both numbers are uniform in their factors times 255, in an image of values 0 to 255.

    Args:
        addition_factor, threshold_factor: a number f for (0, f), or a pair, within [0, 1].
        value_range: the smallest and the largest value of an image.
        seed: an int makes the sequence of numbers reproducible.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
    """

    def __init__(
        self,
        addition_factor: Any = 0.0,
        threshold_factor: Any = 0.0,
        value_range: Any = (0, 255),
        seed: Any = None,
        *,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.addition_factor = self._from_zero(addition_factor, "addition_factor")
        self.threshold_factor = self._from_zero(threshold_factor, "threshold_factor")
        self.value_range = value_range_pair(value_range, self)

    def _from_zero(self, factor: Any, name: str) -> tuple[float, float]:
        pair = symmetric_range(factor, name, self, 0, 1)
        return pair if isinstance(factor, (tuple, list)) else (0, pair[1])

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        if not training:
            return None
        images = images_of(data)
        # as in Keras, the lower limit is not multiplied by 255
        draws = [
            self._draw(images, low, high * 255, (None, 1, 1, 1), seed)
            for low, high in (self.addition_factor, self.threshold_factor)
        ]
        return {"additions": draws[0], "thresholds": draws[1]}

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        images = self._float(images)
        if not training or transformation is None:
            return images
        bright = rescaled(images, self.value_range, (0, 255)) + per_image(transformation["additions"])
        bright = ops.clip(bright, 0.0, 255.0)
        results = ops.where(bright < per_image(transformation["thresholds"]), bright, 255.0 - bright)
        return rescaled(results, (0, 255), self.value_range)
