"""The base of image layers that draw random numbers."""

from typing import Any

from ....random import SeedGenerator, uniform_like
from .image_layer import ImageLayer


class RandomImageLayer(ImageLayer):
    """An image layer that acts in training, from which on it draws for every image anew.

    Called directly, the default is `training=True`, unlike `Dropout`; in `predict` and `evaluate` it is the
    identity. Numbers are a function of the seed, the number of the call and the place in the batch.

    Args:
        seed: an int makes the sequence of transformations reproducible.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
    """

    def __init__(self, seed: Any = None, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.seed = seed
        self.generator = SeedGenerator(seed)

    def _draw(
        self, images: Any, low: float, high: float, shape: tuple[int | None, ...] = (None,), seed: Any = None
    ) -> Any:
        """Numbers uniform in [low, high); an entry of None in the shape is the batch size."""
        return uniform_like(images, shape, low, high, self.generator if seed is None else seed)

    def _coins(self, images: Any, factor: tuple[float, float], seed: Any = None) -> Any:
        """One bool per image, true with a probability that itself is uniform in `factor`."""
        probability = self._draw(images, *factor, seed=seed)
        return self._draw(images, 0.0, 1.0, seed=seed) < probability
