"""The bases of random layers that move the pixels of images: by anything, and by affine transforms."""

from typing import Any

from .... import ops
from .random_image_layer import RandomImageLayer

FILL_MODES = ("reflect", "wrap", "constant", "nearest")
INTERPOLATIONS = ("nearest", "bilinear")


class Warp(RandomImageLayer):
    """Moves pixels as `_warp` says; masks follow with the nearest pixel."""

    interpolation: str

    def _warp(self, images: Any, transformation: Any, interpolation: str) -> Any:
        """Images or masks (batch, ...) moved by a drawn transformation."""
        raise NotImplementedError(f"{type(self).__name__} has no _warp() method")

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        images = self._float(images)
        if not training or transformation is None:
            return images
        return self._warp(images, transformation, self.interpolation)

    def transform_segmentation_masks(
        self, masks: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        if not training or transformation is None:
            return masks
        return self._warp(masks, transformation, "nearest")


class BaseWarp(Warp):
    """Draws one affine transform per image.

    Args:
        fill_mode: what is seen beyond the edges of an image a b c d: `"reflect"` (c b a | a b c d | d c b),
            `"wrap"` (b c d | a b c d | a b c), `"nearest"` (a a a | a b c d | d d d) or `"constant"`.
        interpolation: `"bilinear"` or `"nearest"`.
        seed: an int makes the sequence of transformations reproducible.
        fill_value: for `fill_mode="constant"`.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
    """

    def __init__(
        self,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: Any = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        for name, value, allowed in (
            ("fill_mode", fill_mode, FILL_MODES),
            ("interpolation", interpolation, INTERPOLATIONS),
        ):
            if value not in allowed:
                raise ValueError(
                    f"{type(self).__name__}: {name} must be one of {allowed}, received {name}={value!r}"
                )
        self.fill_mode = fill_mode
        self.interpolation = interpolation
        self.fill_value = fill_value

    def _matrix(self, images: Any, transformation: Any) -> Any:
        """The transforms (batch, 8) that map output to input coordinates."""
        raise NotImplementedError(f"{type(self).__name__} has no _matrix() method")

    def _warp(self, images: Any, transformation: Any, interpolation: str) -> Any:
        return ops.image.affine_transform(
            images,
            self._matrix(images, transformation),
            interpolation=interpolation,
            fill_mode=self.fill_mode,
            fill_value=self.fill_value,
            data_format=self.data_format,
        )


def columns(*values: Any) -> Any:
    """Transforms (batch, 8) from their entries: arrays (batch, 1), or numbers for all images."""
    template = next(value for value in values if not isinstance(value, (int, float)))
    return ops.concatenate(
        [ops.full_like(template, v) if isinstance(v, (int, float)) else v for v in values], axis=1
    )
