"""RandomPerspective."""

from typing import Any

import numpy as np

from .... import ops
from .base_warp import INTERPOLATIONS, Warp
from .factors import factor_range
from .image_layer import images_of, per_image


class RandomPerspective(Warp):
    """In training, moves the corners of images, as if seen from elsewhere.

    Args:
        factor: the probability that an image is changed: a number f for one uniform in (0, f), or a pair.
        scale: how far corners move, in [0, 1]: each coordinate c to c (1 + u), u uniform in (-scale / 2,
            scale / 2).
        interpolation: `"bilinear"` or `"nearest"`.
        fill_value: what is seen beyond the edges.
        seed: an int makes the sequence of transformations reproducible.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
    """

    def __init__(
        self,
        factor: Any = 1.0,
        scale: float = 1.0,
        interpolation: str = "bilinear",
        fill_value: float = 0.0,
        seed: Any = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = factor_range(factor, "factor", self, 0, 1)
        if not 0 <= scale <= 1:
            raise ValueError(
                "RandomPerspective: The `scale` argument should be a number in the range [0,1]. "
                f"Received: scale={scale}"
            )
        if interpolation not in INTERPOLATIONS:
            raise NotImplementedError(
                f"RandomPerspective: Unknown `interpolation` {interpolation}. Expected of one "
                f"{INTERPOLATIONS}."
            )
        self.scale = scale
        self.interpolation = interpolation
        self.fill_value = fill_value

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        if not training:
            return None
        images = images_of(data)
        height, width = self._sizes(images)
        applied = self._coins(images, self.factor, seed)
        moved = self._draw(images, -0.5 * self.scale, 0.5 * self.scale, (None, 4, 2), seed)
        across = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 0.0], [1.0, 0.0]], "float32")
        down = np.array([[0.0, 0.0], [0.0, 0.0], [0.0, 1.0], [0.0, 1.0]], "float32")
        start = ops.zeros_like(moved) + across * (width - 1.0) + down * (height - 1.0)
        return {"apply_perspective": applied, "start_points": start, "end_points": start + start * moved}

    def _warp(self, images: Any, transformation: Any, interpolation: str) -> Any:
        changed = ops.image.perspective_transform(
            images,
            transformation["start_points"],
            transformation["end_points"],
            interpolation=interpolation,
            fill_value=self.fill_value,
            data_format=self.data_format,
        )
        return ops.where(per_image(transformation["apply_perspective"]), changed, images)
