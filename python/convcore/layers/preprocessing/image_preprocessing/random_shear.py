"""RandomShear."""

from typing import Any

from .... import ops
from .base_warp import BaseWarp, columns
from .factors import symmetric_range
from .image_layer import images_of


class RandomShear(BaseWarp):
    """In training, slants each image: output (x, y) shows the input at (x + s y, y + t x).

    Args:
        x_factor: a number f for s uniform in (-f, f), or a pair, within [0, 1]. Half of the images take
            -s and -t.
        y_factor: as `x_factor`, for t.
        interpolation, fill_mode, fill_value, data_format, seed: see `BaseWarp`.
    """

    def __init__(
        self,
        x_factor: Any = 0.0,
        y_factor: Any = 0.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        data_format: str | None = None,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        self.x_factor = symmetric_range(x_factor, "x_factor", self, 0, 1)
        self.y_factor = symmetric_range(y_factor, "y_factor", self, 0, 1)

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        if not training:
            return None
        images = images_of(data)
        sign = ops.where(self._draw(images, 0.0, 1.0, (None, 1), seed) > 0.5, -1.0, 1.0)
        y = self._draw(images, *self.y_factor, (None, 1), seed)
        x = self._draw(images, *self.x_factor, (None, 1), seed)
        return {"shear_factor": ops.concatenate([x, y], axis=1) * sign}

    def _matrix(self, images: Any, transformation: Any) -> Any:
        shear = ops.convert_to_tensor(transformation["shear_factor"])
        return columns(1.0, shear[:, 0:1], 0.0, shear[:, 1:2], 1.0, 0.0, 0.0, 0.0)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A new layer; saved ranges are (-f, f) where the constructor takes f."""
        config = dict(config)
        for name in ("x_factor", "y_factor"):
            value = config.get(name)
            if isinstance(value, (list, tuple)) and len(value) == 2 and value[0] == -value[1]:
                config[name] = value[1]
        return super().from_config(config)
