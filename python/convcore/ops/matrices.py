"""Triangles and diagonals, products of matrices and vectors, elements along an axis, composed of others."""

import math

import numpy as np

from ..core.dispatch import apply, operation
from .numpy import multiply, where
from .promotion import normalized_axes, promoted_tensors, tensor
from .reductions import sum as _sum
from .shapes import expand_dims, matrix_product, pad, ravel, reshape, transpose


def _triangle(x, mask):
    if None in x.shape[-2:]:
        raise ValueError(f"expected matrices of known size; received shape {tuple(x.shape)}")
    return where(mask(tuple(x.shape[-2:])), x, np.zeros((), str(x.dtype)))


@operation
def tril(x, k=0):
    """The elements on and below diagonal ``k``, zeros above."""
    return _triangle(tensor(x), lambda shape: np.tri(shape[0], shape[1], k, dtype=bool))


@operation
def triu(x, k=0):
    """The elements on and above diagonal ``k``, zeros below."""
    return _triangle(tensor(x), lambda shape: ~np.tri(shape[0], shape[1], k - 1, dtype=bool))


@operation
def outer(x1, x2):
    """Products of all pairs of elements, (size of x1, size of x2)."""
    return multiply(reshape(x1, [-1, 1]), reshape(x2, [1, -1]))


@operation
def vdot(x1, x2):
    """The sum of the products of the flattened tensors."""
    products = multiply(ravel(x1), ravel(x2))
    return tensor(_sum(products), str(products.dtype))


def _product(sizes):
    """The number of elements, -1 where it is not known."""
    return -1 if None in sizes else math.prod(sizes)


@operation
def tensordot(x1, x2, axes=2):
    """Sums of products over the last axes of ``x1`` and the first of ``x2``, or over given pairs of axes."""
    x1, x2 = promoted_tensors(x1, x2)
    rank1, rank2 = len(x1.shape), len(x2.shape)
    if isinstance(axes, int):
        over1, over2 = list(range(rank1 - axes, rank1)), list(range(axes))
    else:
        over1 = normalized_axes(axes[0], rank1, "tensordot")
        over2 = normalized_axes(axes[1], rank2, "tensordot")
    keep1 = [i for i in range(rank1) if i not in over1]
    keep2 = [i for i in range(rank2) if i not in over2]
    inner = [
        n if n is not None else m
        for n, m in ((x1.shape[i], x2.shape[j]) for i, j in zip(over1, over2, strict=True))
    ]
    outer1, outer2 = [x1.shape[i] for i in keep1], [x2.shape[i] for i in keep2]
    left = reshape(transpose(x1, keep1 + over1), [_product(outer1), _product(inner)])
    right = reshape(transpose(x2, over2 + keep2), [_product(inner), _product(outer2)])
    return reshape(matrix_product(left, right), outer1 + outer2)


@operation
def diagonal(x, offset=0, axis1=0, axis2=1):
    """The elements of a diagonal of two axes, in a new last axis."""
    x = tensor(x)
    first, second = normalized_axes((axis1, axis2), len(x.shape), "diagonal")
    rows, columns = x.shape[first], x.shape[second]
    rest = [i for i in range(len(x.shape)) if i not in (first, second)]
    x = transpose(x, [*rest, first, second])
    shape = [-1 if n is None else n for n in x.shape[:-2]]
    places = np.arange(max(0, min(rows + min(offset, 0), columns - max(offset, 0))))
    flat = (places - min(offset, 0)) * columns + places + max(offset, 0)
    return apply("take", reshape(x, [*shape, rows * columns]), flat.astype("int32"), axis=len(shape))


@operation
def trace(x, offset=0, axis1=0, axis2=1):
    """The sum of a diagonal."""
    return _sum(diagonal(x, offset, axis1, axis2), axis=-1)


@operation
def diag(x, k=0):
    """The matrix with vector ``x`` on diagonal ``k``, or diagonal ``k`` of a matrix."""
    x = tensor(x)
    if len(x.shape) == 2:
        return diagonal(x, k)
    if len(x.shape) != 1 or x.shape[0] is None:
        raise ValueError(f"diag: expected a vector of known size or a matrix; received {tuple(x.shape)}")
    n = x.shape[0] + abs(k)
    row = pad(x, [[max(k, 0), max(-k, 0)]])
    return where(np.eye(n, k=k, dtype=bool), expand_dims(row, 0), np.zeros((), str(x.dtype)))


@operation
def take_along_axis(x, indices, axis=None):
    """Elements at ``indices``, which have the rank of ``x``, along ``axis``."""
    x, indices = tensor(x), tensor(tensor(indices), "int32")
    if axis is None:
        return apply("take", ravel(x), ravel(indices), axis=0)
    (axis,) = normalized_axes(axis, len(x.shape), "take_along_axis")
    if None in (*x.shape, *indices.shape):
        raise ValueError(
            f"take_along_axis: expected known sizes; received {tuple(x.shape)}, {tuple(indices.shape)}"
        )
    n = x.shape[axis]
    indices = where(indices < 0, indices + n, indices)
    shape = np.broadcast_shapes(
        *[tuple(1 if i == axis else m for i, m in enumerate(one)) for one in (x.shape, indices.shape)]
    )
    to = [indices.shape[axis] if i == axis else m for i, m in enumerate(shape)]
    x = apply("broadcast_to", x, shape=[n if i == axis else m for i, m in enumerate(shape)])
    places = np.zeros([1] * len(to), "int32")
    stride = 1
    for i in reversed(range(len(to))):
        if i != axis:
            lying = [-1 if k == i else 1 for k in range(len(to))]
            places = places + (np.arange(to[i], dtype="int32") * stride).reshape(lying)
        else:
            along = stride
        stride *= n if i == axis else to[i]
    flat = apply("add", apply("multiply", indices, along), places.astype("int32"))
    return reshape(apply("take", ravel(x), ravel(flat), axis=0), to)


__all__ = [
    "diag",
    "diagonal",
    "outer",
    "take_along_axis",
    "tensordot",
    "trace",
    "tril",
    "triu",
    "vdot",
]
