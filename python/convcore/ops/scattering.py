"""Writing at indices: scatter, updates of parts, extrema and products of segments, overlapping patches."""

import math

import numpy as np

from ..core import dtypes
from ..core.dispatch import apply, operation
from ..core.trace import is_tensor
from . import reductions
from .core import place_in
from .numpy import logical_and, where
from .promotion import tensor
from .segments import check_segments, segment_count
from .shapes import concatenate, expand_dims, pad, ravel, repeat, reshape


def _strides(shape):
    return [math.prod(shape[i + 1 :]) for i in range(len(shape))]


def _places(indices, shape):
    """Positions in the flattened tensor of all elements that the rows of ``indices`` name."""
    indices = tensor(indices, "int32")
    named = indices.shape[-1]
    sizes = np.asarray(shape[:named], "int32")
    indices = where(indices < 0, apply("add", indices, sizes), indices)
    first = reductions.sum(apply("multiply", indices, np.asarray(_strides(shape)[:named], "int32")), axis=-1)
    inner = math.prod(shape[named:])
    return ravel(apply("add", expand_dims(ravel(first), -1), np.arange(inner, dtype="int32")))


def _added(places, values, shape, dtype):
    flat = apply("take_backward", ravel(values), places, np.zeros(math.prod(shape), dtype), axis=0)
    return reshape(flat, list(shape))


@operation
def scatter(indices, values, shape):
    """Zeros of ``shape`` with ``values`` added at ``indices``, whose last axis names the leading axes."""
    values = tensor(values)
    shape = [int(n) for n in shape]
    return _added(_places(indices, shape), values, shape, str(values.dtype))


def _last_of_each(places, values):
    """Places in order, the values at them with zeros for all but the last at a place, and which these are."""
    order = apply("argsort", places, descending=False)
    places, values = apply("take", places, order, axis=0), apply("take", values, order, axis=0)
    nothing = np.full(1, -1, "int32")
    stays = apply("not_equal", places, concatenate([places[1:], nothing], 0))
    return places, where(stays, values, np.zeros((), str(values.dtype))), stays


def _running_products(places, values):
    """Sorted places, and at the last of each the product of all values there: in steps of 1, 2, 4 and so "
    "on."""
    order, step = apply("argsort", places, descending=False), 1
    places, values = apply("take", places, order, axis=0), apply("take", values, order, axis=0)
    while step < values.shape[0]:
        follows = pad(apply("equal", places[step:], places[:-step]), [[step, 0]])
        before = pad(values[:-step], [[step, 0]], constant_values=1)
        values = where(follows, apply("multiply", values, before), values)
        step *= 2
    return places, values


@operation
def scatter_update(inputs, indices, updates, reduction=None):
    """``inputs`` with ``updates`` at ``indices``: ``inputs[indices] = updates``, the last where several meet.

    Args:
        inputs: Tensor of known shape.
        indices: ``(updates, k)``: each row names the first k axes.
        updates: ``(updates, *inputs.shape[k:])``.
        reduction: None, or what is done with the old value: ``add``, ``mul``, ``max`` or ``min``.
    """
    x = tensor(inputs)
    shape = tuple(x.shape)
    if None in shape:
        raise ValueError(f"scatter_update: expected inputs of known shape; received {shape}")
    if reduction not in (None, "add", "mul", "max", "min"):
        raise ValueError(
            f"scatter_update: Invalid reduction: {reduction}. Supported values are: None, 'add', 'mul', "
            "'max', 'min'."
        )
    places, values = _places(indices, shape), ravel(tensor(updates, str(x.dtype)))
    if reduction == "add":
        return apply("add", x, _added(places, values, shape, str(x.dtype)))
    if reduction == "mul":
        places, values = _running_products(places, values)
    elif reduction is not None:
        order = apply("argsort", values, descending=reduction == "min")
        places, values = apply("take", places, order, axis=0), apply("take", values, order, axis=0)
    places, values, stays = _last_of_each(places, values)
    new = _added(places, values, shape, str(x.dtype))
    written = apply("greater", _added(places, tensor(stays, "int32"), shape, "int32"), 0)
    if reduction is not None:
        new = apply({"mul": "multiply", "max": "maximum", "min": "minimum"}[reduction], x, new)
    return where(written, new, x)


@operation
def slice_update(inputs, start_indices, updates):
    """``inputs`` with the block ``updates`` written from ``start_indices`` on.

    As in XLA, a block that would stand over is moved back.
    """
    x = tensor(inputs)
    updates = tensor(updates, str(x.dtype))
    if None in (*x.shape, *updates.shape):
        raise ValueError(
            f"slice_update: expected known shapes; received {tuple(x.shape)} and {tuple(updates.shape)}"
        )
    if is_tensor(start_indices):
        return _update_at(x, start_indices, updates)
    starts = [int(i) for i in np.asarray(start_indices)]
    starts = [max(0, min(s, n - m)) for s, n, m in zip(starts, x.shape, updates.shape, strict=True)]
    widths = [[s, n - s - m] for s, n, m in zip(starts, x.shape, updates.shape, strict=True)]
    written = np.pad(np.ones(tuple(updates.shape), bool), widths)
    return where(written, pad(updates, widths), x)


def _update_at(x, start_indices, updates):
    """``slice_update`` at places that are known when the graph runs."""
    written = np.ones((), bool)
    for axis, (n, size) in enumerate(zip(x.shape, updates.shape, strict=True)):
        place = apply("subtract", np.arange(n, dtype="int32"), place_in(start_indices, axis, n - size))
        inside = logical_and(apply("greater_equal", place, 0), apply("less", place, size))
        written = logical_and(written, reshape(inside, [-1 if i == axis else 1 for i in range(len(x.shape))]))
        updates = apply("take", updates, apply("clip", place, min=0.0, max=float(size - 1)), axis=axis)
    return where(written, updates, x)


def _segments(name, reduce, start, data, segment_ids, num_segments):
    """One reduction over all rows for every segment at once."""
    data, ids = tensor(data), tensor(segment_ids, "int32")
    check_segments(name, data, ids)
    count = segment_count(name, ids, num_segments)
    own = apply("equal", expand_dims(ids, 0), np.arange(count, dtype="int32")[:, None])
    own = reshape(own, [count, -1, *[1] * (len(data.shape) - 1)])
    dtype = str(data.dtype)
    if start in (math.inf, -math.inf) and not dtypes.is_float(dtype):
        limits = np.iinfo(dtype)
        start = limits.max if start > 0 else limits.min
    return reduce(where(own, expand_dims(data, 0), np.asarray(start, dtype)), 1)


@operation
def segment_max(data, segment_ids, num_segments=None, sorted=False):
    """For each segment the largest of the rows that have its number; the lowest value there is if none."""
    return _segments("segment_max", reductions.max, -math.inf, data, segment_ids, num_segments)


@operation
def segment_min(data, segment_ids, num_segments=None, sorted=False):
    """For each segment the smallest of the rows that have its number; the highest value there is if none."""
    return _segments("segment_min", reductions.min, math.inf, data, segment_ids, num_segments)


@operation
def segment_prod(data, segment_ids, num_segments=None, sorted=False):
    """For each segment the product of the rows that have its number, 1 if none."""
    return _segments("segment_prod", reductions.prod, 1, data, segment_ids, num_segments)


def _pair(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def _patch_places(size, kernel_size, dilation, padding, stride):
    """(padded size, positions of the elements of all patches in the padded image, number of patches)."""
    kernel, dilation, padding, stride = (_pair(v) for v in (kernel_size, dilation, padding, stride))
    padded = [n + 2 * p for n, p in zip(size, padding, strict=True)]
    axes = []
    for n, k, d, s in zip(padded, kernel, dilation, stride, strict=True):
        count = (n - d * (k - 1) - 1) // s + 1
        axes.append(np.arange(k)[:, None] * d + np.arange(count)[None, :] * s)
    rows, columns = axes
    places = rows[:, None, :, None] * padded[1] + columns[None, :, None, :]
    return padded, padding, places.reshape(-1).astype("int32"), rows.shape[1] * columns.shape[1]


@operation
def unfold(x, kernel_size, dilation=1, padding=0, stride=1):
    """The patches of images ``(batch, channels, height, width)`` as columns: ``(batch, channels * kernel
    height * kernel width, patches)``.
    """
    x = tensor(x)
    _, channels, *size = x.shape
    padded, padding, places, count = _patch_places(size, kernel_size, dilation, padding, stride)
    x = pad(x, [[0, 0], [0, 0], *[[p, p] for p in padding]])
    patches = apply("take", reshape(x, [-1, channels, math.prod(padded)]), places, axis=2)
    return reshape(patches, [-1, channels * len(places) // count, count])


@operation
def fold(x, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """The inverse of ``unfold``: patches are added where they lie, ``(batch, channels, *output_size)``."""
    x = tensor(x)
    if len(x.shape) != 3:
        raise ValueError(
            f"fold: expected a 3D input (batch, channels * patch, patches); received shape {tuple(x.shape)}"
        )
    size = _pair(output_size)
    padded, padding, places, count = _patch_places(size, kernel_size, dilation, padding, stride)
    channels = x.shape[1] * count // len(places)
    x = reshape(x, [-1, channels, len(places)])
    like = repeat(x[:, :, :1], math.prod(padded), 2)
    images = reshape(apply("take_backward", x, places, like, axis=2), [-1, channels, *padded])
    top, left = padding
    return images[:, :, top : top + size[0], left : left + size[1]]


__all__ = [
    "fold",
    "scatter",
    "scatter_update",
    "segment_max",
    "segment_min",
    "segment_prod",
    "slice_update",
    "unfold",
]
