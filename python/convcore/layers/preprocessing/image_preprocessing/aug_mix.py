"""AugMix."""

from typing import Any

from .... import ops
from ....random.gamma_draws import beta_like, gamma_like
from .augmentations import COLORS, MORE_COLORS, WARPS, Augmentations
from .factors import factor_range
from .image_layer import images_of, per_image


class AugMix(Augmentations):
    """In training, mixes each image with chains of changes of it (Hendrycks et al., arXiv:1912.02781).

    Every image draws its own layers and weights; Keras draws them once for a batch.

    Args:
        value_range: the smallest and the largest value of an image; results are clipped to it.
        num_chains: how many chains are mixed.
        chain_depth: the most layers in a chain: at each place one of them, or none.
        factor: the layers' strength in [0, 1], or a pair from which it is drawn.
        alpha: parameter of the Dirichlet distribution of the chains' weights and of the beta distribution of
            the image's own.
        all_ops: whether brightness, contrast, sharpness and degeneration of colors are among the layers.
        interpolation: `"bilinear"` or `"nearest"`, of shears, shifts and rotations.
        seed: an int makes the sequence of transformations reproducible.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
    """

    def __init__(
        self,
        value_range: Any = (0, 255),
        num_chains: int = 3,
        chain_depth: int = 3,
        factor: Any = 0.3,
        alpha: float = 1.0,
        all_ops: bool = True,
        interpolation: str = "bilinear",
        seed: Any = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.value_range = value_range
        self.num_chains = num_chains
        self.chain_depth = chain_depth
        self.factor = factor_range(factor, "factor", self, 0, 1)
        self.alpha = alpha
        self.all_ops = all_ops
        self.interpolation = interpolation
        self._make_layers(WARPS + COLORS + (MORE_COLORS if all_ops else []))

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        if not training:
            return None
        images = images_of(data)
        seed = self.generator if seed is None else seed
        parts = gamma_like(images, self.alpha, (None, self.num_chains), seed)
        count = len(self._names) + 1
        return {
            "chain_mixing_weights": parts / ops.sum(parts, axis=-1, keepdims=True),
            "weight_sample": beta_like(images, self.alpha, self.alpha, (None,), seed),
            "chain_transforms": [
                [
                    (self._choices(images, count, seed), self._drawn(data, seed))
                    for _ in range(self.chain_depth)
                ]
                for _ in range(self.num_chains)
            ],
        }

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        images = self._float(images)
        if not training or transformation is None:
            return images
        return ops.clip(self._mixed(images, transformation, masks=False), *self.value_range)

    def transform_segmentation_masks(
        self, masks: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        if not training or transformation is None:
            return masks
        return self._mixed(masks, transformation, masks=True)

    def _mixed(self, images: Any, transformation: Any, masks: bool) -> Any:
        weights, own = transformation["chain_mixing_weights"], per_image(transformation["weight_sample"])
        total = None
        for i, chain in enumerate(transformation["chain_transforms"]):
            changed = images
            for choices, drawn in chain:
                changed = self._applied(changed, choices, drawn, masks)
            part = changed * per_image(weights[:, i])
            total = part if total is None else total + part
        return images * own + total * (1.0 - own)
