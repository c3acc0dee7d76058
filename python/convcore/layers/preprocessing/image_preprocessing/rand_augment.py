"""RandAugment."""

from typing import Any

from .augmentations import COLORS, MORE_COLORS, WARPS, Augmentations
from .factors import factor_range
from .image_layer import images_of


class RandAugment(Augmentations):
    """In training, changes each image by `num_ops` layers drawn from eleven (Cubuk et al., arXiv:1909.13719).

    Every image draws its own layers; Keras draws them once for a batch.

    Args:
        value_range: the smallest and the largest value of an image.
        num_ops: how many layers are applied, one after another.
        factor: their strength in [0, 1], or a pair from which it is drawn.
        interpolation: `"bilinear"` or `"nearest"`, of shears, shifts and rotations.
        seed: an int makes the sequence of transformations reproducible.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
    """

    def __init__(
        self,
        value_range: Any = (0, 255),
        num_ops: int = 2,
        factor: Any = 0.5,
        interpolation: str = "bilinear",
        seed: Any = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.value_range = value_range
        self.num_ops = num_ops
        self.factor = factor_range(factor, "factor", self, 0, 1)
        self.interpolation = interpolation
        self._make_layers(WARPS + MORE_COLORS + COLORS)

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        if not training:
            return None
        images = images_of(data)
        return {
            "layer_idxes": [self._choices(images, len(self._names), seed) for _ in range(self.num_ops)],
            "transforms": self._drawn(data, seed),
        }

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        images = self._float(images)
        return self._in_turn(images, transformation, training, masks=False)

    def transform_segmentation_masks(
        self, masks: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        return self._in_turn(masks, transformation, training, masks=True)

    def _in_turn(self, images: Any, transformation: Any, training: Any, masks: bool) -> Any:
        if training and transformation is not None:
            for choices in transformation["layer_idxes"]:
                images = self._applied(images, choices, transformation["transforms"], masks)
        return images
