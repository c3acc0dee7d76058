"""RandomElasticTransform."""

from typing import Any

from .... import ops
from ....ops.image.distorting import elastic_on_batch
from ....random import normal_like
from .base_warp import INTERPOLATIONS, Warp
from .factors import factor_range
from .image_layer import image_axes, images_of, per_image

_FILL_MODES = ("constant", "nearest", "wrap", "mirror", "reflect")


class RandomElasticTransform(Warp):
    """In training, moves pixels by smooth random fields, as in rubber.

    With d drawn for a batch, the fields are normal numbers of deviation sigma = 0.05 d min(height, width),
    smoothed with the same sigma, times 0.1 d max(height, width).

    Args:
        factor: the probability that an image is changed: a number f for one uniform in (0, f), or a pair.
        scale: a number s for d uniform in (0, s), or a pair, within [0, 1].
        interpolation: `"bilinear"` or `"nearest"`.
        fill_mode, fill_value: what is seen beyond the edges, as for `ops.image.affine_transform`.
        value_range: the smallest and the largest value of an image; results are clipped to it.
        seed: an int makes the sequence of transformations reproducible.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
    """

    def __init__(
        self,
        factor: Any = 1.0,
        scale: Any = 1.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        value_range: Any = (0, 255),
        seed: Any = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = factor_range(factor, "factor", self, 0, 1)
        self.scale = factor_range(scale, "scale", self, 0, 1)
        for name, value, allowed in (
            ("interpolation", interpolation, INTERPOLATIONS),
            ("fill_mode", fill_mode, _FILL_MODES),
        ):
            if value not in allowed:
                raise NotImplementedError(
                    f"RandomElasticTransform: Unknown `{name}` {value}. Expected of one {allowed}."
                )
        self.interpolation = interpolation
        self.fill_mode = fill_mode
        self.fill_value = fill_value
        self.value_range = value_range

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        if not training or self.scale[1] == 0 or self.factor[1] == 0:
            return None
        images = images_of(data)
        return {
            "apply_transform": self._coins(images, self.factor, seed),
            "distortion_factor": self._draw(images, *self.scale, (1,), seed),
            # the fields' numbers are drawn here, so that images and masks have the same
            "noise": normal_like(
                images, (None, *self._known(images), 2), seed=self.generator if seed is None else seed
            ),
        }

    def _known(self, images: Any) -> list[Any]:
        sizes = [images.shape[axis] for axis in image_axes(4, self.data_format)[:2]]
        if None in sizes:
            raise ValueError(
                f"RandomElasticTransform '{self.name}': expected images of known size, received shape "
                f"{tuple(images.shape)}"
            )
        return sizes

    def _warp(self, images: Any, transformation: Any, interpolation: str) -> Any:
        height, width = self._known(images)
        d = ops.reshape(transformation["distortion_factor"], ())
        smaller, larger = min(height, width) * 0.05, max(height, width) * 0.1
        last = self.data_format == "channels_last"
        batch = images if last else ops.transpose(images, (0, 2, 3, 1))
        changed = elastic_on_batch(
            batch,
            transformation["noise"],
            d * larger,
            d * smaller,
            self.scale[1] * smaller,
            interpolation,
            self.fill_mode,
            float(self.fill_value),
        )
        changed = changed if last else ops.transpose(changed, (0, 3, 1, 2))
        return ops.where(per_image(transformation["apply_transform"]), changed, images)

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        moved = super().transform_images(images, transformation, training)
        return ops.clip(moved, *self.value_range) if training and transformation is not None else moved
