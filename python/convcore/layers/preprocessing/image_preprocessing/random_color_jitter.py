"""RandomColorJitter."""

from typing import Any

from .image_layer import ImageLayer
from .random_brightness import RandomBrightness
from .random_contrast import RandomContrast
from .random_hue import RandomHue
from .random_saturation import RandomSaturation


class RandomColorJitter(ImageLayer):
    """In training, varies brightness, contrast, saturation and hue, in this order.

    Args:
        value_range: the smallest and the largest value of an image.
        brightness_factor, contrast_factor, saturation_factor, hue_factor: see `RandomBrightness`,
            `RandomContrast`, `RandomSaturation` and `RandomHue`; None leaves that step out.
        seed: an int makes the sequence of numbers reproducible.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
    """

    writes_build_config = True

    def __init__(
        self,
        value_range: Any = (0, 255),
        brightness_factor: Any = None,
        contrast_factor: Any = None,
        saturation_factor: Any = None,
        hue_factor: Any = None,
        seed: Any = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.value_range = value_range
        self.brightness_factor = brightness_factor
        self.contrast_factor = contrast_factor
        self.saturation_factor = saturation_factor
        self.hue_factor = hue_factor
        self.seed = seed
        self._steps: list[Any] = [
            layer(factor, value_range=value_range, seed=seed, data_format=self.data_format)
            for layer, factor in (
                (RandomBrightness, brightness_factor),
                (RandomContrast, contrast_factor),
                (RandomSaturation, saturation_factor),
                (RandomHue, hue_factor),
            )
            if factor is not None
        ]

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        images = self._float(images)
        for step in self._steps if training else ():
            drawn = step.get_random_transformation(images, training=training)
            images = step.transform_images(images, drawn, training=training)
        return images
