"""Functions that build, join, cut and turn arrays, composed of others, under the names of ``keras.ops``."""

import numpy as np

from ..core import dtypes
from ..core.dispatch import apply, operation
from .core import convert_to_tensor, get_item, shape
from .creation import ones_like
from .numpy import multiply
from .promotion import normalized_axes, promoted_tensors, tensor
from .reductions import max as _max
from .reductions import mean as _mean
from .reductions import min as _min
from .reductions import sum as _sum
from .shapes import concatenate, expand_dims, flip, pad, ravel, reshape, split, transpose


def array(x, dtype=None):
    """x as an array or tensor of dtype `dtype`; None keeps its own."""
    return convert_to_tensor(x, dtype)


def empty(shape, dtype=None):
    """An array of zeros; no array of this library has arbitrary contents."""
    return np.zeros(shape, dtypes.standardize_dtype(dtype))


def identity(n, dtype=None):
    """The identity matrix (n, n)."""
    return np.eye(n, dtype=dtypes.standardize_dtype(dtype))


def tri(N, M=None, k=0, dtype=None):
    """A matrix (N, M), M = N unless given, with ones on and below diagonal `k`."""
    return np.tri(N, M, k, dtypes.standardize_dtype(dtype))


def ndim(x):
    """The number of axes."""
    return len(shape(x))


def size(x):
    """The number of elements, None while it is unknown."""
    sizes = shape(x)
    return None if None in sizes else int(np.prod(sizes))


@operation
def unstack(x, num=None, axis=0):
    """The slices along ``axis`` as a list."""
    x = tensor(x)
    (axis,) = normalized_axes(axis, len(x.shape), "unstack")
    count = x.shape[axis] if num is None else num
    if count is None:
        raise ValueError(
            f"unstack: Cannot infer argument `num` from shape {tuple(x.shape)}: the size of the axis is "
            "unknown. Pass `num`."
        )
    return [get_item(x, (slice(None),) * axis + (i,)) for i in range(count)]


@operation
def vstack(xs):
    """Tensors joined along the first axis; vectors of shape (n,) count as rows (1, n)."""
    return concatenate([x if len(x.shape) > 1 else expand_dims(x, 0) for x in map(tensor, xs)], axis=0)


@operation
def hstack(xs):
    """Tensors joined along the second axis, vectors along their only one."""
    xs = [x if len(x.shape) else reshape(x, [1]) for x in map(tensor, xs)]
    return concatenate(xs, axis=0 if len(xs[0].shape) == 1 else 1)


@operation
def dstack(xs):
    """Tensors joined along the third axis; those of lower rank get axes of size 1 first."""

    def deep(x):
        x = x if len(x.shape) > 1 else reshape(x, [1, -1])
        return x if len(x.shape) > 2 else expand_dims(x, 2)

    return concatenate([deep(x) for x in map(tensor, xs)], axis=2)


@operation
def vsplit(x, indices_or_sections):
    """Parts along the first axis: a number of equal parts, or the positions of the cuts."""
    return split(x, indices_or_sections, axis=0)


@operation
def hsplit(x, indices_or_sections):
    """Parts along the second axis (the only one of a vector), as in `vsplit`."""
    return split(x, indices_or_sections, axis=1 if len(x.shape) > 1 else 0)


@operation
def dsplit(x, indices_or_sections):
    """Parts along the third axis, as in `vsplit`."""
    return split(x, indices_or_sections, axis=2)


@operation
def array_split(x, indices_or_sections, axis=0):
    """Pieces of nearly equal size; the first ones are larger by 1 where the axis does not divide."""
    x = tensor(x)
    (axis,) = normalized_axes(axis, len(x.shape), "array_split")
    if isinstance(indices_or_sections, int):
        if x.shape[axis] is None:
            raise ValueError(f"array_split: expected an axis of known size; received {tuple(x.shape)}")
        each, more = divmod(x.shape[axis], indices_or_sections)
        sizes = [each + (i < more) for i in range(indices_or_sections)]
        indices_or_sections = np.cumsum(sizes)[:-1].tolist()
    return split(x, indices_or_sections, axis)


@operation
def append(x1, x2, axis=None):
    """x2 behind x1 along `axis`; None flattens both first."""
    return concatenate([ravel(x1), ravel(x2)], 0) if axis is None else concatenate([x1, x2], axis)


@operation
def fliplr(x):
    """The second axis in reverse order."""
    return flip(x, 1)


@operation
def flipud(x):
    """The first axis in reverse order."""
    return flip(x, 0)


@operation
def roll(x, shift, axis=None):
    """Elements shifted round along ``axis``, one or several (None: of the flattened ``x``)."""
    x = tensor(x)
    if axis is None:
        return reshape(roll(ravel(x), shift, 0), [-1 if n is None else n for n in x.shape])
    axes = normalized_axes(axis, len(x.shape), "roll")
    shifts = [shift] * len(axes) if isinstance(shift, (int, np.integer)) else list(shift)
    for one, by in zip(axes, shifts, strict=True):
        if x.shape[one] is None:
            raise ValueError(f"roll: expected axis {one} to be of known size; received {tuple(x.shape)}")
        cut = -by % x.shape[one] if x.shape[one] else 0
        if cut:
            before = (slice(None),) * one
            parts = [get_item(x, (*before, slice(cut, None))), get_item(x, (*before, slice(0, cut)))]
            x = concatenate(parts, one)
    return x


@operation
def rot90(array, k=1, axes=(0, 1)):
    """Turned by 90 degrees ``k`` times, from the first of ``axes`` towards the second."""
    x = tensor(array)
    first, second = normalized_axes(axes, len(x.shape), "rot90")
    if first == second:
        raise ValueError(f"rot90: expected two different axes; Received: axes={tuple(axes)}")
    k %= 4
    if k == 2:
        return flip(flip(x, first), second)
    order = list(range(len(x.shape)))
    order[first], order[second] = second, first
    if k == 1:
        return transpose(flip(x, second), order)
    return flip(transpose(x, order), second) if k == 3 else x


@operation
def diff(a, n=1, axis=-1):
    """Differences of neighbours, ``n`` times."""
    x = tensor(a)
    (axis,) = normalized_axes(axis, len(x.shape), "diff")
    before = (slice(None),) * axis
    for _ in range(n):
        later, earlier = get_item(x, (*before, slice(1, None))), get_item(x, (*before, slice(None, -1)))
        x = apply("not_equal" if str(x.dtype) == "bool" else "subtract", later, earlier)
    return x


def _scan(op, x, axis, start):
    """Running results along ``axis``: neighbours 1, 2, 4, .. apart are joined in turn."""
    reach = 1
    while reach < x.shape[axis]:
        widths = [[0, 0] for _ in x.shape]
        widths[axis] = [reach, 0]
        kept = get_item(x, (slice(None),) * axis + (slice(None, -reach),))
        x = apply(op, x, pad(kept, widths, constant_values=start))
        reach *= 2
    return x


def _cumulated(name, op, start, x, axis, dtype):
    x = tensor(x) if dtype is None else tensor(x, dtypes.standardize_dtype(dtype))
    if str(x.dtype) == "bool":
        x = tensor(x, "int32")
    x, axis = (ravel(x), 0) if axis is None else (x, axis)
    (axis,) = normalized_axes(axis, len(x.shape), name)
    if x.shape[axis] is None:
        raise ValueError(f"{name}: expected axis {axis} to be of known size; received {tuple(x.shape)}")
    return _scan(op, x, axis, start)


@operation
def cumsum(x, axis=None, dtype=None):
    """Running sums along ``axis`` (None: of the flattened ``x``), by halves, not one after another."""
    return _cumulated("cumsum", "add", 0, x, axis, dtype)


@operation
def cumprod(x, axis=None, dtype=None):
    """Running products along ``axis`` (None: of the flattened ``x``)."""
    return _cumulated("cumprod", "multiply", 1, x, axis, dtype)


@operation
def ptp(x, axis=None, keepdims=False):
    """The largest less the smallest element."""
    return apply("subtract", _max(x, axis, keepdims), _min(x, axis, keepdims))


@operation
def average(x, axis=None, weights=None):
    """The mean, each element counting by its weight."""
    if weights is None:
        return _mean(x, axis)
    x, weights = promoted_tensors(x, weights, at_least="float")
    if len(weights.shape) == 1 and len(x.shape) > 1 and axis is not None:
        (one,) = normalized_axes(axis, len(x.shape), "average")
        weights = reshape(weights, [-1] + [1] * (len(x.shape) - 1 - one))
    weights = multiply(weights, ones_like(x))
    return apply("divide", _sum(multiply(x, weights), axis), _sum(weights, axis))


@operation
def meshgrid(*x, indexing="xy"):
    """Coordinate arrays of the grid over the given vectors."""
    if indexing not in ("xy", "ij"):
        raise ValueError(
            f"meshgrid: argument `indexing`: Valid values are 'xy' and 'ij'; received {indexing!r}"
        )
    xs = [ravel(v) for v in x]
    count = len(xs)
    place = list(range(count))
    if indexing == "xy" and count > 1:
        place[0], place[1] = 1, 0
    sizes = [0] * count
    for v, axis in zip(xs, place, strict=True):
        sizes[axis] = v.shape[0]
    shaped = [
        reshape(v, [-1 if i == axis else 1 for i in range(count)]) for v, axis in zip(xs, place, strict=True)
    ]
    return [apply("broadcast_to", v, shape=sizes) for v in shaped]


__all__ = [
    "append",
    "array",
    "array_split",
    "average",
    "cumprod",
    "cumsum",
    "diff",
    "dsplit",
    "dstack",
    "empty",
    "fliplr",
    "flipud",
    "hsplit",
    "hstack",
    "identity",
    "meshgrid",
    "ndim",
    "ptp",
    "roll",
    "rot90",
    "size",
    "tri",
    "unstack",
    "vsplit",
    "vstack",
]
