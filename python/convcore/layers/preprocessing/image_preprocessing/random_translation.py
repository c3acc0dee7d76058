"""RandomTranslation."""

from typing import Any

from .... import ops
from .base_warp import BaseWarp, columns
from .factors import symmetric_range
from .image_layer import images_of


class RandomTranslation(BaseWarp):
    """In training, shifts each image by fractions of its size that are uniform in the factors.

    Args:
        height_factor: a number f for (-f, f), or a pair, within [-1, 1]. Positive shifts go down.
        width_factor: as `height_factor`; positive shifts go right.
        fill_mode, interpolation, seed, fill_value, data_format: see `BaseWarp`.
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: Any = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        self.height_factor = height_factor
        self.width_factor = width_factor
        self._height_range = symmetric_range(height_factor, "height_factor", self, -1, 1)
        self._width_range = symmetric_range(width_factor, "width_factor", self, -1, 1)

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        if not training:
            return None
        images = images_of(data)
        height, width = self._sizes(images)
        down = self._draw(images, *self._height_range, (None, 1), seed) * height
        right = self._draw(images, *self._width_range, (None, 1), seed) * width
        return {"translations": ops.concatenate([right, down], axis=1)}

    def _matrix(self, images: Any, transformation: Any) -> Any:
        shift = -ops.convert_to_tensor(transformation["translations"])
        return columns(1.0, 0.0, shift[:, 0:1], 0.0, 1.0, shift[:, 1:2], 0.0, 0.0)
