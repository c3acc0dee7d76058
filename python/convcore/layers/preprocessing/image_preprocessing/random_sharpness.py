"""RandomSharpness."""

from typing import Any

import numpy as np

from .... import ops
from ....ops.image.filters import depthwise
from .factors import factor_range, value_range_pair
from .image_layer import images_of, per_image
from .random_image_layer import RandomImageLayer

_SMOOTH = np.full((3, 3), 1 / 13, "float32") + np.pad([[4 / 13]], 1).astype("float32")


class RandomSharpness(RandomImageLayer):
    """In training, moves each image away from its smoothed version or towards it.

    The result is `x + (1 - 2 u) (smoothed - x)`, u uniform in `factor`: 0 smooths, 0.5 leaves, 1 sharpens.

    Args:
        factor: a number f for (0, f), or a pair, within [0, 1].
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
        self.factor = factor_range(factor, "factor", self, 0, 1)
        self.value_range = value_range_pair(value_range, self)

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        if not training:
            return None
        return {"factor": self._draw(images_of(data), *self.factor, seed=seed)}

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        images = self._float(images)
        if not training or transformation is None:
            return images
        smoothed = depthwise(images, _SMOOTH, self.data_format)
        share = 1.0 - per_image(transformation["factor"]) * 2.0
        return ops.clip(images + share * (smoothed - images), *self.value_range)
