"""RandomRotation."""

import math
from typing import Any

from .... import ops
from .base_warp import BaseWarp, columns
from .factors import factor_range
from .image_layer import images_of


class RandomRotation(BaseWarp):
    """In training, turns each image about its centre by an angle uniform in `factor` times 360 degrees.

    Args:
        factor: a number f for (-f, f), or a pair, in turns within [-1, 1]. Positive is counter-clockwise.
        fill_mode, interpolation, seed, fill_value, data_format: see `BaseWarp`.
    """

    def __init__(
        self,
        factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: Any = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        self.factor = factor_range(factor, "factor", self, -1, 1)

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        if not training:
            return None
        images = images_of(data)
        lower, upper = self.factor
        angle = self._draw(images, lower * 360.0, upper * 360.0, seed=seed)
        return {"angle": angle, "rotation_matrix": self._rotation(images, angle)}

    def _rotation(self, images: Any, angle: Any) -> Any:
        height, width = self._sizes(images)
        angle = ops.reshape(angle, (-1, 1)) * (math.pi / 180)
        cos, sin = ops.cos(angle), ops.sin(angle)
        x, y = (width - 1) * 0.5, (height - 1) * 0.5
        return columns(cos, -sin, x - cos * x + sin * y, sin, cos, y - sin * x - cos * y, 0.0, 0.0)

    def _matrix(self, images: Any, transformation: Any) -> Any:
        return transformation["rotation_matrix"]
