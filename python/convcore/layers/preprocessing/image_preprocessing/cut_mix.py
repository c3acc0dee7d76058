"""CutMix."""

from typing import Any

from .... import ops
from ....random import uniform
from ....random.gamma_draws import beta_like, permutation_like
from .factors import factor_range
from .image_layer import images_of
from .mix_up import mixed_labels
from .random_erasing import boxes_of
from .random_image_layer import RandomImageLayer


class CutMix(RandomImageLayer):
    """In training, replaces a random box of each image by that of another image of the batch.

    Labels are mixed by the areas. Yun et al., CutMix, ICCV 2019. Pass data as `{"images": .., "labels": ..}`,
    labels one-hot or the like.

    Args:
        factor: a number f for (0, f), or a pair, within [0, 1]: one number uniform in it is, for each
            batch, both parameters of the beta distribution of the areas that stay.
        seed: an int makes the sequence of boxes and pairs reproducible.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
    """

    def __init__(
        self, factor: Any = 1.0, seed: Any = None, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = factor_range(factor, "factor", self, 0, 1)

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        if not training:
            return None
        images, seed = images_of(data), self.generator if seed is None else seed
        alpha = uniform((1,), *self.factor, seed=seed) + 1e-6
        kept = beta_like(images, alpha, alpha, (None, 1), seed)
        side = ops.sqrt(1.0 - kept)
        masks, weight = boxes_of(self, images, ops.concatenate([side, side], axis=1), seed)
        return {
            "permutation_order": permutation_like(images, seed),
            "batch_masks": masks,
            "mix_weight": weight,
        }

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        images = self._float(images)
        if not training or transformation is None:
            return images
        others = ops.take(images, transformation["permutation_order"], axis=0)
        return ops.where(transformation["batch_masks"], others, images)

    def transform_labels(self, labels: Any, transformation: Any = None, training: Any = True) -> Any:
        if not training or transformation is None:
            return labels
        return mixed_labels(labels, transformation, self)

    def transform_segmentation_masks(
        self, masks: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        return self.transform_images(masks, transformation, training=training)
