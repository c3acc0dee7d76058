"""Windows of images and volumes, side by side."""

import numpy as np

from ...core.arguments import standardize_data_format, standardize_padding, standardize_tuple
from ...core.dispatch import apply, operation
from ..promotion import tensor


@operation
def extract_patches(images, size, strides=None, dilation_rate=1, padding="valid", data_format=None):
    """Windows of ``size`` of each image, their elements in the order (rows, columns, channels).

    Args:
        size: (height, width) of a window, or one number; of three numbers, windows of volumes.
        strides: Distances of neighbouring windows; ``size`` when None.
        dilation_rate: Distances of neighbouring elements in a window.
        padding: ``valid`` or ``same`` (zeros outside).

    Returns:
        ``(batch, rows, columns, height * width * channels)``, without the batch for one image.
    """
    rank = len(size) if isinstance(size, (tuple, list)) else 2
    if not isinstance(size, (tuple, list, int, np.integer)):
        raise TypeError(
            f"extract_patches: argument `size`: Expected an int or a tuple of 2 or 3; received {size!r}"
        )
    if rank not in (2, 3):
        raise ValueError(
            f"extract_patches: argument `size`: Expected a tuple of length 2 or 3; received {size!r}"
        )
    return _patches(images, size, strides, dilation_rate, padding, data_format, rank, "extract_patches")


@operation
def extract_patches_3d(volumes, size, strides=None, dilation_rate=1, padding="valid", data_format=None):
    """Windows of ``size`` = (depth, height, width) of volumes; see `extract_patches`."""
    if isinstance(size, (tuple, list)) and len(size) != 3:
        raise TypeError(
            f"extract_patches_3d: argument `size`: expected an int or a tuple of 3; received {size!r}"
        )
    return _patches(volumes, size, strides, dilation_rate, padding, data_format, 3, "extract_patches_3d")


def _patches(x, size, strides, dilation_rate, padding, data_format, rank, name):
    x = tensor(x)
    size = standardize_tuple(size, rank, "size")
    strides = size if strides is None else standardize_tuple(strides, rank, "strides")
    dilation = standardize_tuple(dilation_rate, rank, "dilation_rate")
    padding = standardize_padding(padding)
    first = standardize_data_format(data_format) == "channels_first"
    single = len(x.shape) == rank + 1
    if not single and len(x.shape) != rank + 2:
        raise ValueError(f"{name}: expected rank {rank + 1} or {rank + 2}; received shape {tuple(x.shape)}")
    x = apply("expand_dims", x, axis=0) if single else x
    if first:
        x = apply("transpose", x, axes=[0, *range(2, rank + 2), 1])
    if None in x.shape[1:]:
        raise ValueError(f"{name}: expected known sizes; received shape {tuple(x.shape)}")
    windows = []
    for axis in range(rank):
        x, count = _windows(x, axis + 1, size[axis], strides[axis], dilation[axis], padding, name)
        windows.append(count)
    # (batch, windows, elements, windows, elements, .., channels), then all windows first
    split = [n for pair in zip(windows, size, strict=True) for n in pair]
    x = apply("reshape", x, shape=[-1, *split, x.shape[-1]])
    order = [0, *range(1, 2 * rank, 2), *range(2, 2 * rank + 1, 2), 2 * rank + 1]
    x = apply("transpose", x, axes=order)
    x = apply("reshape", x, shape=[-1, *windows, int(np.prod(size)) * x.shape[-1]])
    if first:
        x = apply("transpose", x, axes=[0, rank + 1, *range(1, rank + 1)])
    return apply("squeeze", x, axes=[0]) if single else x


def _windows(x, axis, size, stride, dilation, padding, name):
    """``x`` with the elements of all windows along ``axis`` one after another, and the number of windows."""
    n, reach = x.shape[axis], (size - 1) * dilation + 1
    count = -(-n // stride) if padding == "same" else (n - reach) // stride + 1
    if count < 1:
        raise ValueError(f"{name}: expected windows of at most {n} elements; received {reach}")
    missing = max((count - 1) * stride + reach - n, 0) if padding == "same" else 0
    if missing:
        widths = [0] * (2 * len(x.shape))
        widths[2 * axis : 2 * axis + 2] = missing // 2, missing - missing // 2
        x = apply("pad", x, paddings=widths, value=0.0)
    places = np.arange(count)[:, None] * stride + np.arange(size) * dilation
    return apply("take", x, places.reshape(-1).astype("int32"), axis=axis), count


__all__ = ["extract_patches", "extract_patches_3d"]
