"""Images whose pixels are looked up elsewhere: affine and perspective maps, arbitrary coordinates."""

import itertools

import numpy as np

from ...core.arguments import standardize_data_format
from ...core.dispatch import apply, operation
from ..numpy import where
from ..promotion import float_tensor, tensor
from .layout import as_float, check_images, in_dtype, on_batch

FILL_MODES = ("constant", "nearest", "wrap", "mirror", "reflect")


def check_choice(name, argument, value, allowed):
    if value not in allowed:
        raise ValueError(f"{name}: argument `{argument}`: expected one of {allowed}; received {value!r}")


@operation
def affine_transform(
    images,
    transform,
    interpolation="bilinear",
    fill_mode="constant",
    fill_value=0,
    data_format=None,
):
    """Output pixel (x, y) shows the input at (a0 x + a1 y + a2, b0 x + b1 y + b2).

    Gradients flow to the images, not to the transform; for these see `map_coordinates`.

    Args:
        transform: ``[a0, a1, a2, b0, b1, b2, c0, c1]`` for all images or one row per image; c0 and c1 are not
            read.
        interpolation: ``nearest`` or ``bilinear``.
        fill_mode: what is seen beyond the edges of an axis a b c d: ``constant`` (k k | a b c d | k k),
            ``nearest`` (a a | a b c d | d d), ``wrap`` (c d | a b c d | a b), ``mirror``
            (c b | a b c d | c b) or ``reflect`` (b a | a b c d | d c).
        fill_value: k.
    """
    check_choice("affine_transform", "interpolation", interpolation, ("nearest", "bilinear"))
    check_choice("affine_transform", "fill_mode", fill_mode, FILL_MODES)
    images = tensor(images)
    check_images(images, "affine_transform")
    values = as_float(images)
    transform = tensor(transform, str(values.dtype))
    if len(transform.shape) not in (1, 2) or transform.shape[-1] != 8:
        raise ValueError(
            "affine_transform: Invalid transform rank: expected rank 1, shape (8,), or rank 2, shape "
            f"(batch, 8). Received: transform of shape {tuple(transform.shape)}"
        )
    if len(transform.shape) == 1:
        transform = apply("expand_dims", transform, axis=0)
    settings = {
        "interpolation": interpolation,
        "fill_mode": fill_mode,
        "fill_value": float(fill_value),
        "data_format": standardize_data_format(data_format),
    }
    mapped = on_batch(values, lambda batch: apply("affine_transform", batch, transform, **settings))
    return in_dtype(mapped, images.dtype)


def _modulo(i, period):
    return apply("subtract", i, apply("multiply", apply("floor", apply("divide", i, period)), period))


def _seen(i, n, fill_mode):
    """The whole position inside [0, n) that a whole position shows."""
    last = float(n - 1)
    if fill_mode == "wrap":
        return _modulo(i, float(n))
    if fill_mode == "reflect":
        m = _modulo(i, 2.0 * n)
        return apply("minimum", m, apply("subtract", 2.0 * n - 1, m))
    if fill_mode == "mirror" and n > 1:
        m = _modulo(i, 2 * last)
        return apply("minimum", m, apply("subtract", 2 * last, m))
    return apply("clip", i, min=0.0, max=last)


def _strides(shape):
    return [int(np.prod(shape[axis + 1 :])) for axis in range(len(shape))]


@operation
def map_coordinates(inputs, coordinates, order, fill_mode="constant", fill_value=0.0):
    """``inputs`` at arbitrary positions.

    Args:
        inputs: A tensor of known sizes.
        coordinates: Positions, the first axis holding one row per axis of ``inputs``; the rest is the shape
            of the result.
        order: 0 for the nearest element, 1 for linear interpolation. With 1, gradients flow to both tensors.
        fill_mode: What is seen beyond the edges, as for `affine_transform`.
        fill_value: For ``fill_mode="constant"``.
    """
    check_choice("map_coordinates", "fill_mode", fill_mode, FILL_MODES)
    check_choice("map_coordinates", "order", order, (0, 1))
    inputs, coordinates = tensor(inputs), float_tensor(coordinates)
    shape, rank = tuple(inputs.shape), len(inputs.shape)
    if len(coordinates.shape) < 2:
        raise ValueError(
            f"map_coordinates: invalid `coordinates`: expected at least rank 2, ({rank}, ...); received "
            f"shape {tuple(coordinates.shape)}"
        )
    if coordinates.shape[0] != rank:
        raise ValueError(
            "map_coordinates: the first size of `coordinates` must be the same as the rank of `inputs`: "
            f"expected ({rank}, ...) for inputs of shape {shape}; received {tuple(coordinates.shape)}"
        )
    if None in shape:
        raise ValueError(f"map_coordinates: expected inputs of known sizes; received shape {shape}")
    flat = apply("reshape", tensor(inputs, str(coordinates.dtype)), shape=[-1])
    rows = [_row(coordinates, axis) for axis in range(rank)]
    if order == 0:
        nearest = [apply("multiply", apply("sign", u), _half_up(apply("abs", u))) for u in rows]
        choices = [[(i, None)] for i in nearest]
    else:
        choices = [_neighbours(u) for u in rows]
    result = None
    for corner in itertools.product(*choices):
        term = _corner(flat, corner, shape, fill_mode, float(fill_value))
        result = term if result is None else apply("add", result, term)
    return in_dtype(result, inputs.dtype)


def _row(coordinates, axis):
    begin = [axis] + [0] * (len(coordinates.shape) - 1)
    end = [axis + 1] + [2**63 - 1] * (len(coordinates.shape) - 1)
    row = apply("slice", coordinates, begin=begin, end=end, strides=[1] * len(begin))
    return apply("squeeze", row, axes=[0])


def _half_up(u):
    below = apply("floor", u)
    return where(apply("greater_equal", apply("subtract", u, below), 0.5), apply("add", below, 1.0), below)


def _neighbours(u):
    """(position, weight) of the two whole positions around ``u``."""
    below = apply("stop_gradient", apply("floor", u))
    upper = apply("subtract", u, below)
    return [(below, apply("subtract", 1.0, upper)), (apply("add", below, 1.0), upper)]


def _corner(flat, corner, shape, fill_mode, fill_value):
    """The elements at one corner of the cells, times their weights."""
    index = weight = inside = None
    for (position, share), n, stride in zip(corner, shape, _strides(shape), strict=True):
        offset = apply("multiply", tensor(_seen(position, n, fill_mode), "int32"), stride)
        index = offset if index is None else apply("add", index, offset)
        if share is not None:
            weight = share if weight is None else apply("multiply", weight, share)
        if fill_mode == "constant":
            within = apply(
                "logical_and",
                apply("greater_equal", position, 0.0),
                apply("less_equal", position, float(n - 1)),
            )
            inside = within if inside is None else apply("logical_and", inside, within)
    values = apply("take", flat, index, axis=0)
    if inside is not None:
        values = where(inside, values, fill_value)
    return values if weight is None else apply("multiply", values, weight)


__all__ = ["affine_transform", "map_coordinates"]
