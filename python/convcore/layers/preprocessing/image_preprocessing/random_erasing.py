"""RandomErasing."""

from typing import Any

from .... import ops
from ....ops.image.layout import image_axes
from ....random import normal_like
from .factors import factor_range
from .image_layer import images_of, per_image
from .random_image_layer import RandomImageLayer


class RandomErasing(RandomImageLayer):
    """In training, fills a random box of some images. Zhong et al., Random Erasing, AAAI 2020.

    Args:
        factor: a number f for (0, f), or a pair, within [0, 1]: the probability of an image is uniform in it.
        scale: the squares of the box's relative height and width are uniform in this pair, within [0, 1].
        fill_value: a number, or one per channel; None fills with normally distributed noise.
        value_range: the smallest and the largest value of an image; fillings are kept within it.
        seed: an int makes the sequence of boxes reproducible.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
    """

    def __init__(
        self,
        factor: Any = 1.0,
        scale: Any = (0.02, 0.33),
        fill_value: Any = None,
        value_range: Any = (0, 255),
        seed: Any = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = factor_range(factor, "factor", self, 0, 1)
        self.scale = factor_range(scale, "scale", self, 0, 1)
        if not (fill_value is None or isinstance(fill_value, (int, float, tuple, list))):
            raise ValueError(
                "RandomErasing: fill_value must be None, a number or one per channel, received "
                f"{fill_value!r}"
            )
        self.fill_value = fill_value
        self.value_range = value_range

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        if not training:
            return None
        images = images_of(data)
        boxes = boxes_of(self, images, ops.sqrt(self._draw(images, *self.scale, (None, 2), seed)), seed)
        return {
            "apply_erasing": self._coins(images, self.factor, seed),
            "batch_masks": boxes[0],
            "fill_value": self._filling(images, seed),
        }

    def _filling(self, images: Any, seed: Any) -> Any:
        if self.fill_value is None:
            noise = normal_like(images, seed=self.generator if seed is None else seed)
            filling = noise * float(self.value_range[1])
        else:
            filling = ops.convert_to_tensor(self.fill_value, dtype="float32")
            if len(filling.shape) == 1 and self.data_format == "channels_first":
                filling = ops.reshape(filling, (-1, 1, 1))
        return ops.clip(filling, *self.value_range)

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        images = self._float(images)
        if not training or transformation is None:
            return images
        erased = ops.logical_and(transformation["batch_masks"], per_image(transformation["apply_erasing"]))
        return ops.where(erased, transformation["fill_value"], images)


def boxes_of(layer: Any, images: Any, sides: Any, seed: Any) -> Any:
    """(masks, part of the image outside) of random boxes; `sides` (batch, 2) are widths and heights."""
    axes = image_axes(4, layer.data_format)
    masks: Any = None
    area: Any = 1.0
    for column, (axis, size) in enumerate(zip((axes[1], axes[0]), layer._sizes(images)[::-1], strict=True)):
        length = per_image(sides[:, column : column + 1] * size)
        start = layer._draw(images, 0.0, 1.0, (None, 1, 1, 1), seed) * (size - length)
        lying = [1, 1, 1, 1]
        lying[axis] = -1
        count = images.shape[axis]
        if count is None:
            raise ValueError(f"{type(layer).__name__}: expected images of known size")
        place = ops.reshape(ops.arange(count, dtype="float32"), lying)
        inside = ops.logical_and(place >= start, place < start + length)
        masks = inside if masks is None else ops.logical_and(masks, inside)
        area = length / size * area
    return masks, 1.0 - area
