"""MixUp."""

from typing import Any

from .... import ops
from ....random.gamma_draws import beta_like, permutation_like
from .image_layer import images_of, per_image
from .random_image_layer import RandomImageLayer


class MixUp(RandomImageLayer):
    """In training, mixes each image and its label with another of the batch: `w a + (1 - w) b`.

    The weights are drawn from the beta distribution. Zhang et al., mixup, ICLR 2018. Labels are one-hot or
    the like: pass data as `{"images": .., "labels": ..}`.

    Args:
        alpha: both parameters of the beta distribution.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        seed: an int makes the sequence of weights and pairs reproducible.
    """

    def __init__(
        self, alpha: float = 0.2, data_format: str | None = None, seed: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        if isinstance(alpha, bool) or not isinstance(alpha, (int, float)) or not alpha > 0:
            raise ValueError(f"MixUp: alpha must be a number above 0, received alpha={alpha!r}")
        self.alpha = alpha

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        if not training:
            return None
        images, seed = images_of(data), self.generator if seed is None else seed
        order = permutation_like(images, seed)
        weight = beta_like(images, float(self.alpha), float(self.alpha), (None,), seed)
        return {"mix_weight": weight, "permutation_order": order}

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        images = self._float(images)
        if not training or transformation is None:
            return images
        return self._mixed(images, transformation, per_image(transformation["mix_weight"]))

    def transform_labels(self, labels: Any, transformation: Any = None, training: Any = True) -> Any:
        if not training or transformation is None:
            return labels
        return mixed_labels(labels, transformation, self)

    def transform_segmentation_masks(
        self, masks: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        return self.transform_images(masks, transformation, training=training)

    def _mixed(self, values: Any, transformation: Any, weight: Any) -> Any:
        others = ops.take(values, transformation["permutation_order"], axis=0)
        return weight * values + (1.0 - weight) * others


def mixed_labels(labels: Any, transformation: Any, layer: Any) -> Any:
    """Labels (batch, ..) mixed like their images."""
    labels = layer._float(labels)
    weight = ops.reshape(transformation["mix_weight"], [-1] + [1] * (len(labels.shape) - 1))
    others = ops.take(labels, transformation["permutation_order"], axis=0)
    return weight * labels + (1.0 - weight) * others
