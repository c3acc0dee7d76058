"""Functions that move elements: reshaping, joining, cutting, repeating, and matrix products."""

import numpy as np

from ..core import dtypes
from ..core.dispatch import apply, operation
from .core import get_item
from .numpy import multiply
from .promotion import dtype_of, normalized_axes, promoted_tensors, tensor


def _ints(shape):
    return [-1 if n is None else int(n) for n in (shape if isinstance(shape, (list, tuple)) else [shape])]


@operation
def reshape(x, newshape):
    """``x`` under another shape; one size may be -1 (or None)."""
    sizes = _ints(newshape)
    if any(n < -1 for n in sizes) or sizes.count(-1) > 1:
        rule = (
            "at most one unknown dimension (-1 or None)"
            if sizes.count(-1) > 1
            else "every size to be a non-negative integer, or -1 for an unknown one"
        )
        raise ValueError(
            f"reshape: expected {rule}. Received: newshape={newshape} for inputs of shape {tuple(x.shape)}"
        )
    return apply("reshape", tensor(x), shape=sizes)


@operation
def ravel(x):
    """All elements as one axis."""
    return apply("reshape", tensor(x), shape=[-1])


@operation
def transpose(x, axes=None):
    """The axes in the order `axes`; None reverses them."""
    x = tensor(x)
    rank = len(x.shape)
    axes = list(range(rank))[::-1] if axes is None else _permutation(axes, rank)
    return x if axes == list(range(rank)) else apply("transpose", x, axes=axes)


def _permutation(axes, rank):
    if any(not isinstance(i, (int, np.integer)) or not -rank <= i < rank for i in axes):
        raise ValueError(
            f"transpose: Each axis in `axes` must be an integer in [{-rank}, {rank}). Received: axes={axes}"
        )
    order = [int(i) % rank for i in axes]
    if sorted(order) != list(range(rank)):
        raise ValueError(f"transpose: expected a valid permutation of the {rank} axes. Received: axes={axes}")
    return order


@operation
def expand_dims(x, axis):
    """A new axis of size 1 at `axis`, or several."""
    x = tensor(x)
    axes = [axis] if isinstance(axis, (int, np.integer)) else list(axis)
    for item in sorted(normalized_axes(axes, len(x.shape) + len(axes), "expand_dims")):
        x = apply("expand_dims", x, axis=item)
    return x


@operation
def squeeze(x, axis=None):
    """Without the axes `axis` of size 1; None: without all of them."""
    x = tensor(x)
    axes = (
        [i for i, n in enumerate(x.shape) if n == 1]
        if axis is None
        else normalized_axes(axis, len(x.shape), "squeeze")
    )
    return apply("squeeze", x, axes=axes) if axes else x


@operation
def moveaxis(x, source, destination):
    """The axes `source` in the places `destination`, the others in their order."""
    x = tensor(x)
    rank = len(x.shape)
    source = normalized_axes(source, rank, "moveaxis")
    destination = normalized_axes(destination, rank, "moveaxis")
    axes = [i for i in range(rank) if i not in source]
    for to, axis in sorted(zip(destination, source, strict=False)):
        axes.insert(to, axis)
    return transpose(x, axes)


@operation
def swapaxes(x, axis1, axis2):
    """Two axes exchanged."""
    x = tensor(x)
    axes = list(range(len(x.shape)))
    axis1, axis2 = normalized_axes([axis1, axis2], len(axes), "swapaxes")
    axes[axis1], axes[axis2] = axes[axis2], axes[axis1]
    return transpose(x, axes)


@operation
def broadcast_to(x, shape):
    """Repeated to `shape`, by NumPy's rules of broadcasting."""
    return apply("broadcast_to", tensor(x), shape=[int(n) for n in shape])


@operation
def concatenate(xs, axis=0):
    """Tensors joined along the existing axis `axis`; the other axes must agree."""
    xs = _same_dtype(xs)
    (axis,) = normalized_axes(axis, len(xs[0].shape), "concatenate")
    return apply("concatenate", *xs, axis=axis)


@operation
def stack(x, axis=0):
    """Tensors of one shape joined along a new axis at `axis`."""
    xs = _same_dtype(x)
    (axis,) = normalized_axes(axis, len(xs[0].shape) + 1, "stack")
    return apply("concatenate", *[apply("expand_dims", item, axis=axis) for item in xs], axis=axis)


def _same_dtype(xs):
    if not isinstance(xs, (list, tuple)) or not xs:
        raise ValueError(f"expected a non-empty list of tensors; received {xs!r}")
    dtype = dtypes.result_type(*[dtype_of(x) for x in xs])
    return [tensor(x, dtype) for x in xs]


@operation
def split(x, indices_or_sections, axis=0):
    """A list of pieces: equal ones for a number, else cut before the given indices."""
    x = tensor(x)
    (axis,) = normalized_axes(axis, len(x.shape), "split")
    size = x.shape[axis]
    if isinstance(indices_or_sections, (int, np.integer)):
        sections = int(indices_or_sections)
        if size is None or sections < 1 or size % sections:
            raise ValueError(
                f"split: expected axis {axis} to divide into {sections} equal parts; received shape "
                f"{tuple(x.shape)}"
            )
        cuts = [size // sections * i for i in range(1, sections)]
    else:
        cuts = [int(i) for i in indices_or_sections]
    bounds = zip([0, *cuts], [*cuts, None], strict=False)
    return [get_item(x, (slice(None),) * axis + (slice(begin, end),)) for begin, end in bounds]


@operation
def flip(x, axis=None):
    """The axes `axis` (None: all) in reverse order."""
    x = tensor(x)
    axes = normalized_axes(axis, len(x.shape), "flip")
    return get_item(x, tuple(slice(None, None, -1 if i in axes else 1) for i in range(len(x.shape))))


@operation
def take(x, indices, axis=None):
    """Elements at integer ``indices`` along ``axis`` (None: of the flattened ``x``)."""
    x, indices = tensor(x), tensor(indices)
    if axis is None:
        x, axis = apply("reshape", x, shape=[-1]), 0
    if str(indices.dtype) not in ("int32", "int64"):
        indices = tensor(indices, "int32")
    (axis,) = normalized_axes(axis, len(x.shape), "take")
    return apply("take", x, indices, axis=axis)


def _known(x, axis, name):
    if x.shape[axis] is None:
        raise ValueError(f"{name}: expected axis {axis} to be of known size; received shape {tuple(x.shape)}")
    return x.shape[axis]


@operation
def repeat(x, repeats, axis=None):
    """Every element ``repeats`` times along ``axis``."""
    x = tensor(x)
    if axis is None:
        x, axis = apply("reshape", x, shape=[-1]), 0
    (axis,) = normalized_axes(axis, len(x.shape), "repeat")
    if x.shape[axis] is None and np.size(repeats) == 1:
        copies = apply("concatenate", *[apply("expand_dims", x, axis=axis + 1)] * int(repeats), axis=axis + 1)
        rest = [n for i, n in enumerate(x.shape) if i != axis]
        if None not in rest:
            return apply("reshape", copies, shape=[*rest[:axis], -1, *rest[axis:]])
    return apply(
        "take", x, np.repeat(np.arange(_known(x, axis, "repeat"), dtype="int32"), repeats), axis=axis
    )


@operation
def tile(x, repeats):
    """Repeated `repeats` times along each axis, by NumPy's rules."""
    x = tensor(x)
    repeats = [repeats] if isinstance(repeats, (int, np.integer)) else list(repeats)
    repeats = [1] * (len(x.shape) - len(repeats)) + repeats
    for _ in range(len(repeats) - len(x.shape)):
        x = apply("expand_dims", x, axis=0)
    for axis, count in enumerate(repeats):
        if count != 1:
            x = apply("concatenate", *[x] * count, axis=axis)
    return x


@operation
def pad(x, pad_width, mode="constant", constant_values=None):
    """``x`` with ``pad_width`` (one number, a pair, or a pair per axis) elements around it."""
    x = tensor(x)
    pairs = np.broadcast_to(np.asarray(pad_width), (len(x.shape), 2)).astype(int).tolist()
    if mode == "constant":
        flat = [n for pair in pairs for n in pair]
        return apply("pad", x, paddings=flat, value=float(constant_values or 0))
    if mode not in ("reflect", "symmetric", "edge", "wrap"):
        raise ValueError(f"pad: expected mode constant, reflect, symmetric, edge or wrap; received {mode!r}")
    if constant_values is not None:
        raise ValueError(
            "pad: Argument `constant_values` can only be provided when `mode == 'constant'`. "
            f"Received: mode={mode}"
        )
    for axis, (low, high) in enumerate(pairs):
        if low or high:
            indices = np.pad(np.arange(_known(x, axis, "pad"), dtype="int32"), (low, high), mode=mode)
            x = apply("take", x, indices, axis=axis)
    return x


@operation
def matmul(x1, x2):
    """The matrix product; of integers, and of batches of matrices on both sides, allowed but not fast.

    Two operands of int8 give int32; bools give whether any product holds.
    """
    if dtype_of(x1) == dtype_of(x2) == "int8":
        return matrix_product(x1, x2, at_least="int32")
    return matrix_product(x1, x2)


def matrix_product(x1, x2, at_least=None):
    """``matmul`` in the dtype of the operands, or one that also holds ``at_least``."""
    x1, x2 = promoted_tensors(x1, x2, at_least=at_least)
    if str(x1.dtype) != "bool":
        return _matmul(x1, x2)
    return tensor(_matmul(tensor(x1, "int32"), tensor(x2, "int32")), "bool")


def _matmul(x1, x2):
    floats = dtypes.is_float(str(x1.dtype))
    if not floats and isinstance(x1, np.ndarray) and isinstance(x2, np.ndarray) and x1.ndim and x2.ndim:
        return np.asarray(np.matmul(x1, x2))
    rank1, rank2 = len(x1.shape), len(x2.shape)
    if rank1 == 0 or rank2 == 0:
        raise ValueError(
            f"matmul: expected at least one axis; received shapes {tuple(x1.shape)} and {tuple(x2.shape)}"
        )
    inner1, inner2 = x1.shape[-1], x2.shape[-2] if rank2 > 1 else x2.shape[0]
    if None not in (inner1, inner2) and inner1 != inner2:
        raise ValueError(
            f"matmul: expected as many columns in x1 as rows in x2; received shapes {tuple(x1.shape)} and "
            f"{tuple(x2.shape)}"
        )
    x1 = apply("expand_dims", x1, axis=0) if rank1 == 1 else x1
    x2 = apply("expand_dims", x2, axis=1) if rank2 == 1 else x2
    if len(x2.shape) == 2 and floats:
        y = apply("dense", x1, x2)
    else:
        wide = apply(
            "multiply",
            apply("expand_dims", x1, axis=len(x1.shape)),
            apply("expand_dims", x2, axis=len(x2.shape) - 2),
        )
        y = apply("sum", wide, axes=[-2], keepdims=False)
    rank = len(y.shape)
    squeezed = ([rank - 2] if rank1 == 1 else []) + ([rank - 1] if rank2 == 1 else [])
    return apply("squeeze", y, axes=squeezed) if squeezed else y


@operation
def dot(x1, x2):
    """Sums of products over the last axis of ``x1`` and the last but one of ``x2``; a scalar multiplies."""
    x1, x2 = promoted_tensors(x1, x2)
    rank = len(x2.shape)
    if not x1.shape or not rank:
        return multiply(x1, x2)
    if rank <= 2:
        return matrix_product(x1, x2)
    from .matrices import tensordot

    return tensordot(x1, x2, [[-1], [-2]])


__all__ = [
    "broadcast_to",
    "concatenate",
    "dot",
    "expand_dims",
    "flip",
    "matmul",
    "moveaxis",
    "pad",
    "ravel",
    "repeat",
    "reshape",
    "split",
    "squeeze",
    "stack",
    "swapaxes",
    "take",
    "tile",
    "transpose",
]
