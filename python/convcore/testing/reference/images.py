"""Images of another size, and turned and shifted ones, with their gradients.

Images are (batch, height, width, channels), or (batch, channels, height, width) as channels_first.
"""

from typing import Any

import numpy as np

from .windows import from_channels_last, to_channels_last


def _keys(x):
    """The cubic kernel with a = -1/2 (Keys, 1981)."""
    near, far = ((1.5 * x - 2.5) * x) * x + 1, ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0.0))


def _lanczos(radius):
    """sinc(x) sinc(x / radius) inside the radius (Duchon, 1979)."""
    return lambda x: np.where(x < radius, np.sinc(x) * np.sinc(x / radius), 0.0)


_KERNELS = {
    "bilinear": lambda x: np.maximum(1 - x, 0),
    "bicubic": _keys,
    "lanczos3": _lanczos(3),
    "lanczos5": _lanczos(5),
}


def resize_weights(n, m, interpolation="bilinear", antialias=False):
    """(m, n): how much each of n pixels gives to each of m. Pixel i lies at i + 1/2; what the kernel would
    give beyond the edges goes to the others in proportion. antialias widens the kernel where the image
    shrinks."""
    if interpolation == "nearest":
        return np.eye(n)[(2 * np.arange(m) + 1) * n // (2 * m)]
    scale = n / m
    stretch = max(scale, 1.0) if antialias else 1.0
    centre = (np.arange(m) + 0.5) * scale - 0.5
    weights = _KERNELS[interpolation](np.abs(np.arange(n) - centre[:, None]) / stretch)
    return weights / weights.sum(axis=1, keepdims=True)


def _weights_of(x, size, scale, interpolation, antialias):
    """The weights of rows and of columns for the channels_last x."""
    wanted = [n * s for n, s in zip(x.shape[1:3], scale, strict=True)] if scale else size
    pairs = zip(x.shape[1:3], wanted, strict=True)
    return [resize_weights(n, m, interpolation, antialias) for n, m in pairs]


def resize(x, *, size=(), scale=(), interpolation="bilinear", antialias=False, data_format="channels_last"):
    """To size = (height, width), or to `scale` times the height and the width of x."""
    x = to_channels_last(x, data_format)
    rows, columns = _weights_of(x, size, scale, interpolation, antialias)
    return from_channels_last(np.einsum("ih,jw,bhwc->bijc", rows, columns, x), data_format)


def resize_backward(
    dy, x, *, size=(), scale=(), interpolation="bilinear", antialias=False, data_format="channels_last"
):
    """resize is linear in x, and this its transpose; only the shape of x is read."""
    x, dy = to_channels_last(x, data_format), to_channels_last(dy, data_format)
    rows, columns = _weights_of(x, size, scale, interpolation, antialias)
    return from_channels_last(np.einsum("ih,jw,bijc->bhwc", rows, columns, dy), data_format)


# what is seen beyond the edges: the names of NumPy's `pad`
_FILL: dict[str, Any] = {"nearest": "edge", "wrap": "wrap", "mirror": "reflect", "reflect": "symmetric"}


def _seen(positions, n, fill_mode):
    """The pixel of an axis of n pixels that each position shows, -1 for the fill value."""
    reach = int(np.abs(positions).max(initial=0)) + 1
    pixels, around = np.arange(n), (reach, reach)
    if fill_mode == "constant":
        table = np.pad(pixels, around, constant_values=-1)
    else:
        table = np.pad(pixels, around, mode=_FILL[fill_mode])
    return table[positions + reach]


def _taps(transform, shape, interpolation, fill_mode):
    """[(pixels of the input, or -1; weights)], each (height, width), that the outputs are sums of."""
    height, width = shape
    rows, columns = np.mgrid[:height, :width]
    a0, a1, a2, b0, b1, b2 = transform[:6]
    u, v = a0 * columns + (a1 * rows + a2), b0 * columns + (b1 * rows + b2)
    u, v = (np.clip(np.nan_to_num(z, nan=-np.inf), -4194304, 4194304) for z in (u, v))
    if interpolation == "nearest":  # halves away from 0
        steps = [(np.copysign(np.floor(np.abs(u) + 0.5), u), np.copysign(np.floor(np.abs(v) + 0.5), v), 1.0)]
    else:
        left, top = np.floor(u), np.floor(v)
        across, down = [(0, 1 - (u - left)), (1, u - left)], [(0, 1 - (v - top)), (1, v - top)]
        steps = [(left + i, top + j, wx * wy) for j, wy in down for i, wx in across]
    taps = []
    for x, y, weight in steps:
        column, row = _seen(x.astype(int), width, fill_mode), _seen(y.astype(int), height, fill_mode)
        pixel = np.where((column < 0) | (row < 0), -1, row * width + column)
        taps.append((pixel, np.broadcast_to(weight, pixel.shape)))
    return taps


def affine_transform(
    x,
    transform,
    *,
    interpolation="bilinear",
    fill_mode="constant",
    fill_value=0.0,
    data_format="channels_last",
):
    """Output (column, row) shows the input at (a0 column + a1 row + a2, b0 column + b1 row + b2), where a row
    of `transform`, one for each image or for all, is a0 a1 a2 b0 b1 b2 and two numbers that are not read."""
    x = to_channels_last(x, data_format)
    y = np.zeros(x.shape)
    for image, result, row in zip(x, y, np.broadcast_to(transform, (x.shape[0], 8)), strict=True):
        flat = image.reshape(-1, image.shape[-1])
        for pixel, weight in _taps(row, image.shape[:2], interpolation, fill_mode):
            result += weight[..., None] * np.where(pixel[..., None] < 0, fill_value, flat[pixel])
    return from_channels_last(y, data_format)


def affine_transform_backward(
    dy,
    transform,
    *,
    interpolation="bilinear",
    fill_mode="constant",
    fill_value=0.0,
    data_format="channels_last",
):
    """dy scattered to the pixels that the outputs have seen."""
    dy = to_channels_last(dy, data_format)
    dx = np.zeros(dy.shape)
    for share, result, row in zip(dy, dx, np.broadcast_to(transform, (dy.shape[0], 8)), strict=True):
        flat = result.reshape(-1, result.shape[-1])
        for pixel, weight in _taps(row, share.shape[:2], interpolation, fill_mode):
            inside = pixel >= 0
            np.add.at(flat, pixel[inside], (weight[..., None] * share)[inside])
    return from_channels_last(dx, data_format)


OPS = {
    "resize": resize,
    "resize_backward": resize_backward,
    "affine_transform": affine_transform,
    "affine_transform_backward": affine_transform_backward,
}
