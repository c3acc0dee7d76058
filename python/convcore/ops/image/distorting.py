"""Images under perspective maps and random elastic distortion, and how alike two images are."""

from typing import Any

import numpy as np

from ...core.arguments import standardize_data_format
from ...core.dispatch import apply, operation
from .. import reductions
from ..numpy import where
from ..promotion import tensor
from ..shapes import expand_dims, reshape, stack, transpose
from .filters import gaussian_blur
from .layout import as_float, check_images, in_dtype, known_sizes, on_batch
from .warping import FILL_MODES, _half_up, _neighbours, _seen, check_choice


def _looked_up(images, y, x, interpolation, fill_mode, fill_value):
    """A batch of channels_last images at positions ``(batch, ...)``; the result has channels behind these."""
    batch, height, width, channels = images.shape
    if batch is None:
        raise ValueError(f"expected a batch of known size; received images of shape {tuple(images.shape)}")
    rows = reshape(images, [batch * height * width, channels])
    first = np.arange(batch, dtype="int32") * (height * width)
    first = first.reshape([batch] + [1] * (len(y.shape) - 1))
    corners: Any
    if interpolation == "nearest":
        corners = [((_rounded(y), None), (_rounded(x), None))]
    else:
        corners = [(down, across) for down in _neighbours(y) for across in _neighbours(x)]
    result: Any = None
    for (row, down), (column, across) in corners:
        place = apply("multiply", tensor(_seen(row, height, fill_mode), "int32"), width)
        place = apply("add", apply("add", place, tensor(_seen(column, width, fill_mode), "int32")), first)
        values = apply("take", rows, place, axis=0)
        if fill_mode == "constant":
            inside = apply("logical_and", _within(row, height), _within(column, width))
            values = where(expand_dims(inside, -1), values, fill_value)
        if down is not None:
            values = apply("multiply", values, expand_dims(apply("multiply", down, across), -1))
        result = values if result is None else apply("add", result, values)
    return result


def _rounded(u):
    return apply("multiply", apply("sign", u), _half_up(apply("abs", u)))


def _within(i, n):
    return apply("logical_and", apply("greater_equal", i, 0.0), apply("less_equal", i, float(n - 1)))


def _in_channels_last(images, data_format, function):
    if standardize_data_format(data_format) == "channels_last":
        return function(images)
    return transpose(function(transpose(images, (0, 2, 3, 1))), (0, 3, 1, 2))


def _unit_square_to(points):
    """The 3 x 3 entries, row by row, of the projective map that takes the unit square's corners to points
    ``(batch, 4, 2)`` (P. Heckbert, Fundamentals of Texture Mapping, 1989, 2.2.3).
    """
    (x0, x1, x2, x3), (y0, y1, y2, y3) = ([points[:, i, axis] for i in range(4)] for axis in range(2))
    ax, bx, sx = x1 - x3, x2 - x3, x0 - x1 + x3 - x2
    ay, by, sy = y1 - y3, y2 - y3, y0 - y1 + y3 - y2
    size = ax * by - bx * ay
    g, h = (sx * by - bx * sy) / size, (ax * sy - sx * ay) / size
    return x1 - x0 + g * x1, x2 - x0 + h * x2, x0, y1 - y0 + g * y1, y2 - y0 + h * y2, y0, g, h, 1.0


def _adjugate(m):
    a, b, c, d, e, f, g, h, i = m
    return (
        *(e * i - f * h, c * h - b * i, b * f - c * e),
        *(f * g - d * i, a * i - c * g, c * d - a * f),
        *(d * h - e * g, b * g - a * h, a * e - b * d),
    )


def _homography(start_points, end_points):
    """The map that takes end points to start points, as 9 entries of shape ``(batch,)``."""
    start, end = _unit_square_to(start_points), _adjugate(_unit_square_to(end_points))
    return [
        sum(start[3 * row + k] * end[3 * k + column] for k in range(3))
        for row in range(3)
        for column in range(3)
    ]


@operation
def perspective_transform(
    images, start_points, end_points, interpolation="bilinear", fill_value=0, data_format=None
):
    """Images seen so that ``start_points`` come to lie at ``end_points``.

    Args:
        images: A batch of images of known size, or one image.
        start_points: Four corners (x, y), ``(4, 2)`` or ``(batch, 4, 2)``: top left, top right, bottom left,
            bottom right.
        end_points: Where these corners are in the result.
        interpolation: ``nearest`` or ``bilinear``.
        fill_value: What is seen beyond the edges.
    """
    check_choice("perspective_transform", "interpolation", interpolation, ("nearest", "bilinear"))
    images = tensor(images)
    check_images(images, "perspective_transform")
    values = as_float(images)
    dtype = str(values.dtype)
    points = [tensor(p, dtype) for p in (start_points, end_points)]
    for name, p in zip(("start_points", "end_points"), points, strict=True):
        if len(p.shape) not in (2, 3) or tuple(p.shape[-2:]) != (4, 2):
            raise ValueError(
                f"perspective_transform: Invalid {name} shape: expected (4,2) for a single image or (N,4,2) "
                f"for a batch. Received shape: {tuple(p.shape)}"
            )
    if tuple(points[0].shape) != tuple(points[1].shape):
        raise ValueError(
            "perspective_transform: start_points and end_points must have the same shape. Received "
            f"start_points.shape={tuple(points[0].shape)}, end_points.shape={tuple(points[1].shape)}"
        )
    height, width = known_sizes(values, data_format, "perspective_transform")
    points = [expand_dims(p, 0) if len(p.shape) == 2 else p for p in points]
    m = [reshape(entry, [-1, 1, 1]) for entry in _homography(*points)]
    y, x = np.arange(height, dtype=dtype)[:, None], np.arange(width, dtype=dtype)[None, :]
    depth = m[6] * x + m[7] * y + m[8]
    across, down = (m[0] * x + m[1] * y + m[2]) / depth, (m[3] * x + m[4] * y + m[5]) / depth

    def warped(batch):
        return _looked_up(batch, down, across, interpolation, "constant", float(fill_value))

    result = on_batch(values, lambda batch: _in_channels_last(batch, data_format, warped))
    return in_dtype(result, images.dtype)


@operation
def elastic_transform(
    images,
    alpha=20.0,
    sigma=5.0,
    interpolation="bilinear",
    fill_mode="reflect",
    fill_value=0.0,
    seed=None,
    data_format=None,
):
    """Images whose pixels are moved by smooth random fields (Simard, Steinkraus and Platt, ICDAR 2003).

    Args:
        images: A batch of images of known size, or one image.
        alpha: Strength: what the fields are multiplied by.
        sigma: Deviation of the random numbers, and of the Gaussian that smooths them, in pixels.
        interpolation: ``nearest`` or ``bilinear``.
        fill_mode, fill_value: What is seen beyond the edges, as for `affine_transform`.
        seed: An integer or a SeedGenerator.
    """
    check_choice("elastic_transform", "interpolation", interpolation, ("nearest", "bilinear"))
    check_choice("elastic_transform", "fill_mode", fill_mode, FILL_MODES)
    images = tensor(images)
    check_images(images, "elastic_transform")

    def moved(batch):
        from ...random import normal_like

        noise = normal_like(
            batch, (None, *known_sizes(batch, "channels_last", "elastic_transform"), 2), seed=seed
        )
        return elastic_on_batch(
            batch, noise, alpha, sigma, sigma, interpolation, fill_mode, float(fill_value)
        )

    result = on_batch(as_float(images), lambda batch: _in_channels_last(batch, data_format, moved))
    return in_dtype(result, images.dtype)


def elastic_on_batch(images, noise, alpha, sigma, largest_sigma, interpolation, fill_mode, fill_value):
    """``elastic_transform`` of a channels_last batch by normal numbers ``(batch, height, width, 2)``.

    alpha and sigma may be tensors, the largest sigma, from which the size of the filter follows, not.
    """
    height, width = known_sizes(images, "channels_last", "elastic_transform")
    size = int(6 * largest_sigma) | 1
    dtype = str(images.dtype)
    sigmas = stack([tensor(sigma, dtype)] * 2, 0)
    moves = gaussian_blur(tensor(noise, dtype) * sigma, (size, size), sigmas, "channels_last") * alpha
    y, x = np.arange(height, dtype=dtype)[:, None], np.arange(width, dtype=dtype)[None, :]
    return _looked_up(images, moves[..., 1] + y, moves[..., 0] + x, interpolation, fill_mode, fill_value)


@operation
def ssim(image1, image2, max_val=1.0, filter_size=11, filter_sigma=1.5, k1=0.01, k2=0.03, data_format=None):
    """The structural similarity of images (Wang et al., IEEE TIP 13, 2004), 1 for equal ones.

    Args:
        image1, image2: Images of one shape, or batches.
        max_val: The largest value of an image less the smallest.
        filter_size, filter_sigma: Of the Gaussian window over which images are compared.
        k1, k2: Keep the quotients finite.

    Returns:
        The mean over pixels and channels: one number, or one for every image of a batch.
    """
    first, second = as_float(tensor(image1)), as_float(tensor(image2))
    rank = check_images(first, "ssim")
    if tuple(first.shape) != tuple(second.shape):
        raise ValueError(
            f"ssim: expected images of one shape; received {tuple(first.shape)}, {tuple(second.shape)}"
        )
    if rank == 3:
        first, second = expand_dims(first, 0), expand_dims(second, 0)
    if standardize_data_format(data_format) == "channels_first":
        first, second = transpose(first, (0, 2, 3, 1)), transpose(second, (0, 2, 3, 1))
    height, width = known_sizes(first, "channels_last", "ssim")
    size = int(filter_size)
    if size > min(height, width):
        raise ValueError(f"ssim: expected images of at least {size} x {size}; received {height} x {width}")

    def blurred(x):
        half = size // 2
        inner = gaussian_blur(x, (size, size), (filter_sigma, filter_sigma), "channels_last")
        return inner[:, half : height - size + half + 1, half : width - size + half + 1]

    mean1, mean2 = blurred(first), blurred(second)
    both, square1, square2 = mean1 * mean2, mean1 * mean1, mean2 * mean2
    variance1, variance2 = blurred(first * first) - square1, blurred(second * second) - square2
    covariance = blurred(first * second) - both
    c1, c2 = (k1 * max_val) ** 2, (k2 * max_val) ** 2
    result = ((both * 2.0 + c1) * (covariance * 2.0 + c2)) / (
        (square1 + square2 + c1) * (variance1 + variance2 + c2)
    )
    result = reductions.mean(result, axis=(1, 2, 3))
    return result[0] if rank == 3 else result


__all__ = ["elastic_transform", "perspective_transform", "ssim"]
