"""ContrastLimitedAdaptiveHistogramEqualization."""

from typing import Any

import numpy as np

from .... import ops
from ....ops.image.layout import image_axes, known_sizes
from .factors import value_range_pair
from .image_layer import ImageLayer
from .value_range import rescaled

BINS = 256


class ContrastLimitedAdaptiveHistogramEqualization(ImageLayer):
    """Spreads the values of each channel, tile by tile, without making noise loud (CLAHE). Zuiderveld, 1994.

    Each tile has a table of new values, the normalised cumulative histogram of its 256 bins, of which what
    exceeds the limit is spread over all bins; a pixel's new value is interpolated between those that the four
    nearest tiles give it. In training and outside it alike.

    Args:
        value_range: the smallest and the largest value of an image.
        clip_limit: the largest count of a bin, as a multiple of the mean count; 0 for none.
        tile_grid_size: number of tiles `(height, width)`. Sizes that it does not divide are mirrored behind.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.

    Integer images stay integers (what is behind the point is dropped). Sizes must be known.
    """

    def __init__(
        self,
        value_range: Any = (0, 255),
        clip_limit: float = 4.0,
        tile_grid_size: Any = (8, 8),
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.value_range = value_range
        self._range = value_range_pair(value_range, self)
        self.clip_limit = clip_limit
        self.tile_grid_size = tile_grid_size
        pair = tile_grid_size if isinstance(tile_grid_size, (list, tuple)) else ()
        if len(pair) != 2 or not all(isinstance(n, int) and n > 0 for n in pair):
            raise ValueError(
                f"{type(self).__name__}: `tile_grid_size` must be two integers > 0. "
                f"Received: tile_grid_size={tile_grid_size!r}"
            )

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        first = self.data_format == "channels_first"
        dtype = str(images.dtype)
        height, width = known_sizes(images, self.data_format, type(self).__name__)
        if images.shape[0] is None or images.shape[image_axes(4, self.data_format)[2]] is None:
            raise ValueError(f"{type(self).__name__}: expected known sizes; received {tuple(images.shape)}")
        x = ops.transpose(images, (0, 2, 3, 1)) if first else images
        x = rescaled(ops.cast(x, "float32"), self._range, (0, 255))
        x = rescaled(self._equalized(x, height, width), (0, 255), self._range)
        return ops.cast(ops.transpose(x, (0, 3, 1, 2)) if first else x, dtype)

    def _equalized(self, x: Any, height: int, width: int) -> Any:
        rows, columns = self.tile_grid_size
        tile = -(-height // rows), -(-width // columns)
        behind = (0, tile[0] * rows - height), (0, tile[1] * columns - width)
        x = ops.pad(x, ((0, 0), *behind, (0, 0)), mode="symmetric")
        batch, padded_height, padded_width, channels = x.shape
        bins = ops.cast(ops.clip(x, 0.0, 255.0), "int32")
        # the table of (image, row of tiles, column of tiles, channel), one after another, `BINS` entries each
        place = ops.add(bins, _steps(batch, rows * columns * channels, 0))
        place = ops.add(place, _steps(channels, 1, 3))
        row, column = np.arange(padded_height) // tile[0], np.arange(padded_width) // tile[1]
        own = ops.add(ops.add(place, _along(row * columns * channels, 1)), _along(column * channels, 2))
        own = ops.reshape(own, (-1,))
        count = batch * rows * columns * channels
        histograms = ops.segment_sum(ops.ones_like(own, dtype="float32"), own, count * BINS)
        tables = ops.reshape(self._tables(ops.reshape(histograms, (count, BINS)), tile[0] * tile[1]), (-1,))
        vertical, horizontal = _neighbours(tile[0], rows), _neighbours(tile[1], columns)

        def value(i: int, j: int) -> Any:
            row, column = _along(vertical[i] * columns * channels, 1), _along(horizontal[j] * channels, 2)
            return ops.take(tables, ops.add(ops.add(place, row), column))

        down, right = vertical[2].reshape(1, -1, 1, 1), horizontal[2].reshape(1, 1, -1, 1)
        top = value(0, 0) * (1.0 - right) + value(0, 1) * right
        bottom = value(1, 0) * (1.0 - right) + value(1, 1) * right
        return (top * (1.0 - down) + bottom * down)[:, :height, :width]

    def _tables(self, histograms: Any, pixels: int) -> Any:
        """New values, from 0 to 255, by bin; histograms are `(tables, bins)`."""
        if self.clip_limit > 0:
            clipped = ops.clip(histograms, 0.0, self.clip_limit * pixels / BINS)
            excess = ops.sum(histograms - clipped, axis=-1, keepdims=True)
            histograms = clipped + excess / float(BINS)
        sums = ops.cumsum(histograms, axis=-1)
        least = ops.min(sums, axis=-1, keepdims=True)
        spread = float(pixels) - least
        spread = ops.where(ops.equal(spread, 0.0), ops.ones_like(spread), spread)
        return ops.clip((sums - least) * 255.0 / spread, 0.0, 255.0)


def _along(steps: np.ndarray, axis: int) -> np.ndarray:
    shape = [1] * 4
    shape[axis] = len(steps)
    return (steps * BINS).astype("int32").reshape(shape)


def _steps(count: int, step: int, axis: int) -> np.ndarray:
    return _along(np.arange(count) * step, axis)


def _neighbours(side: int, tiles: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each pixel along an axis the tiles whose centres are before and behind it, and how near the latter
    is.
    """
    position = (np.arange(side * tiles, dtype="float32") - np.float32(side / 2)) / np.float32(side) + 1
    before = np.floor(position)
    near = (position - before).astype("float32")
    return (
        np.clip(before - 1, 0, tiles - 1).astype(int),
        np.clip(before, 0, tiles - 1).astype(int),
        near,
    )
