"""RandomZoom."""

from typing import Any

from .... import ops
from .base_warp import BaseWarp, columns
from .factors import symmetric_range
from .image_layer import images_of


class RandomZoom(BaseWarp):
    """In training, zooms each image about its centre by a scale that is uniform in 1 + factor.

    Args:
        height_factor: a number f for (-f, f), or a pair, within (-1, 1]. Positive factors zoom out.
        width_factor: as `height_factor`; None takes the height's draw, which keeps the aspect ratio.
        fill_mode, interpolation, seed, fill_value, data_format: see `BaseWarp`.
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any = None,
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
        self._height_range = symmetric_range(height_factor, "height_factor", self, -1, 1, open_low=True)
        self._width_range = None
        if width_factor is not None:
            self._width_range = symmetric_range(width_factor, "width_factor", self, -1, 1, open_low=True)

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        if not training:
            return None
        images = images_of(data)
        high = self._scale(images, self._height_range, seed)
        wide = high if self._width_range is None else self._scale(images, self._width_range, seed)
        return {"height_zoom": high, "width_zoom": wide}

    def _scale(self, images: Any, factor: Any, seed: Any) -> Any:
        return self._draw(images, 1.0 + factor[0], 1.0 + factor[1], (None, 1), seed)

    def _matrix(self, images: Any, transformation: Any) -> Any:
        height, width = self._sizes(images)
        x, y = (ops.convert_to_tensor(transformation[key]) for key in ("width_zoom", "height_zoom"))
        return columns(
            x, 0.0, (1.0 - x) * ((width - 1) * 0.5), 0.0, y, (1.0 - y) * ((height - 1) * 0.5), 0.0, 0.0
        )
