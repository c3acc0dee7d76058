"""RandomGrayscale."""

from typing import Any

from .... import ops
from ...common import fraction
from .image_layer import images_of, per_image
from .random_image_layer import RandomImageLayer


class RandomGrayscale(RandomImageLayer):
    """In training, makes images gray with probability `factor`; they keep their three channels.

    Args:
        factor: the probability, in [0, 1].
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        seed: an int makes the sequence of coins reproducible.
    """

    # Keras does not write it
    unwritten_arguments = ("seed",)

    def __init__(
        self, factor: float = 0.5, data_format: str | None = None, seed: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = fraction(factor, "factor", self)

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        if not training:
            return None
        return self._draw(images_of(data), 0.0, 1.0, (None, 1, 1, 1), seed) < self.factor

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        images = self._float(images)
        if not training or transformation is None:
            return images
        gray = ops.image.rgb_to_grayscale(images, data_format=self.data_format)
        return ops.where(per_image(transformation), gray, images)
