"""What RandAugment and AugMix choose from: eleven layers, and one of them for each image."""

from typing import Any

from .... import ops
from .auto_contrast import AutoContrast
from .base_warp import BaseWarp
from .equalization import Equalization
from .image_layer import images_of, per_image
from .random_brightness import RandomBrightness
from .random_color_degeneration import RandomColorDegeneration
from .random_contrast import RandomContrast
from .random_image_layer import RandomImageLayer
from .random_posterization import RandomPosterization
from .random_rotation import RandomRotation
from .random_sharpness import RandomSharpness
from .random_shear import RandomShear
from .random_translation import RandomTranslation
from .solarization import Solarization

WARPS = ["random_shear", "random_translation", "random_rotation"]
COLORS = ["solarization", "random_posterization", "auto_contrast", "equalization"]
MORE_COLORS = ["random_brightness", "random_color_degeneration", "random_contrast", "random_sharpness"]


class Augmentations(RandomImageLayer):
    """Holds the layers under the names that Keras gives them, and applies one, chosen for each image.

    The warps among them become one map with a matrix of its own for each image.
    """

    writes_build_config = True
    factor: Any
    value_range: Any
    interpolation: Any
    _names: list[str]

    def _make_layers(self, names: list[str]) -> None:
        self._names = names
        common = {"data_format": self.data_format, "dtype": self.dtype_policy}
        seeded = {"seed": self.seed, **common}
        colored = {"value_range": self.value_range, **seeded}
        f = self.factor
        warp = {"interpolation": self.interpolation, **seeded}
        makers = {
            "random_shear": lambda: RandomShear(x_factor=f, y_factor=f, **warp),
            "random_translation": lambda: RandomTranslation(height_factor=f, width_factor=f, **warp),
            "random_rotation": lambda: RandomRotation(factor=f, **warp),
            "random_brightness": lambda: RandomBrightness(factor=f, **colored),
            "random_color_degeneration": lambda: RandomColorDegeneration(factor=f, **colored),
            "random_contrast": lambda: RandomContrast(factor=f, **colored),
            "random_sharpness": lambda: RandomSharpness(factor=f, **colored),
            "solarization": lambda: Solarization(addition_factor=f, threshold_factor=f, **colored),
            "random_posterization": lambda: RandomPosterization(factor=max(1, int(8 * f[1])), **colored),
            "auto_contrast": lambda: AutoContrast(value_range=self.value_range, **common),
            "equalization": lambda: Equalization(value_range=self.value_range, **common),
        }
        for name in names:
            setattr(self, name, makers[name]())

    def _choices(self, images: Any, count: int, seed: Any) -> Any:
        """The number of a layer for each image; with a count above theirs also of none."""
        return ops.floor(self._draw(images, 0.0, float(count), seed=seed))

    def _drawn(self, data: Any, seed: Any) -> dict[str, Any]:
        images = images_of(data)
        seed = self.generator if seed is None else seed
        return {
            name: getattr(self, name).get_random_transformation(images, training=True, seed=seed)
            for name in self._names
        }

    def _applied(self, images: Any, choices: Any, drawn: dict[str, Any], masks: bool = False) -> Any:
        """Images (or masks) under the layer chosen for each."""
        number = {name: float(i) for i, name in enumerate(self._names)}
        warps = [name for name in self._names if isinstance(getattr(self, name), BaseWarp)]
        matrix = None
        for name in warps:
            own = getattr(self, name)._matrix(images, drawn[name])
            chosen = ops.reshape(ops.equal(choices, number[name]), (-1, 1))
            matrix = own if matrix is None else ops.where(chosen, own, matrix)
        warped = self._warped(getattr(self, warps[0]), images, matrix, masks)
        changed = ops.where(per_image(choices < float(len(warps))), warped, images)
        for name in () if masks else self._names[len(warps) :]:
            layer = getattr(self, name)
            made = layer.transform_images(images, drawn[name], training=True)
            changed = ops.where(per_image(ops.equal(choices, number[name])), made, changed)
        return changed

    def _warped(self, layer: Any, images: Any, matrix: Any, masks: bool) -> Any:
        return ops.image.affine_transform(
            images,
            matrix,
            interpolation="nearest" if masks else layer.interpolation,
            fill_mode=layer.fill_mode,
            fill_value=layer.fill_value,
            data_format=self.data_format,
        )
