"""Norms of vectors and matrices, under the names of ``keras.ops``."""

import math

import numpy as np

from ..core.dispatch import apply, is_symbolic, operation
from . import reductions
from .numpy import absolute, not_equal, power
from .promotion import float_tensor, normalized_axes, tensor
from .shapes import expand_dims, squeeze


def _vector_norm(x, ord, axis, keepdims):
    if ord in (None, 2):
        return apply("l2_norm", x, axes=[axis], keepdims=keepdims)
    if isinstance(ord, str):
        raise ValueError(f"norm: expected a number as `ord` for vectors; Received ord={ord!r}, axis={axis}")
    if ord == 0:
        return reductions.sum(tensor(not_equal(x, 0), str(x.dtype)), axis, keepdims)
    size = absolute(x)
    if abs(ord) == math.inf:
        return (reductions.max if ord > 0 else reductions.min)(size, axis, keepdims)
    if ord == 1:
        return reductions.sum(size, axis, keepdims)
    return power(reductions.sum(power(size, float(ord)), axis, keepdims), 1.0 / ord)


def _singular_values(x, rows, columns):
    if is_symbolic(x):
        raise ValueError(
            "norm: expected an array for ord 2, -2 and 'nuc'; singular values cannot be recorded"
        )
    return np.linalg.svd(np.moveaxis(x, (rows, columns), (-2, -1)), compute_uv=False)


_SPECTRAL: dict = {2: np.max, -2: np.min, "nuc": np.sum}


def _matrix_norm(x, ord, axes, keepdims):
    rows, columns = axes
    if ord in (None, "fro"):
        return apply("l2_norm", x, axes=[rows, columns], keepdims=keepdims)
    if ord in _SPECTRAL:
        result = _SPECTRAL[ord](_singular_values(x, rows, columns), axis=-1)
        return expand_dims(result, sorted(axes)) if keepdims else tensor(result)
    if ord not in (1, -1, math.inf, -math.inf):
        raise ValueError(
            "norm: expected `ord` None, 'fro', 'nuc', 1, -1, 2, -2, inf or -inf for matrices; Received "
            f"ord={ord!r}, axis={axes}"
        )
    summed, other = (rows, columns) if abs(ord) == 1 else (columns, rows)
    extremum = reductions.max if ord > 0 else reductions.min
    result = extremum(reductions.sum(absolute(x), summed, True), other, True)
    return result if keepdims else squeeze(result, axes)


@operation
def norm(x, ord=None, axis=None, keepdims=False):
    """The norm of vectors along one axis, or of matrices in two.

    Args:
        x: Array; integers become floatx.
        ord: For vectors a number: p for (sum of |x|^p)^(1/p), 0 for the count of elements that are not 0, inf
            and -inf for the largest and smallest |x|. For matrices ``"fro"``, ``"nuc"``, inf and -inf
            (extremum of the rows' sums of |x|), 1 and -1 (of the columns'), 2 and -2 (of the singular values;
            these and "nuc" of arrays only). None: the square root of the sum of squares.
        axis: An axis, or two for matrices; None: all, or with ``ord`` those of a vector or matrix.
        keepdims: Whether reduced axes stay, with size 1.

    Raises:
        ValueError: for another ``ord``, or for ``ord`` without ``axis`` where x has more than two axes.
    """
    x = float_tensor(x)
    rank, keepdims = len(x.shape), bool(keepdims)
    axes = normalized_axes(axis, rank, "norm")
    if axis is None and ord is None:
        return apply("l2_norm", x, axes=axes, keepdims=keepdims)
    if len(axes) == 1:
        return _vector_norm(x, ord, axes[0], keepdims)
    if len(axes) == 2:
        return _matrix_norm(x, ord, axes, keepdims)
    raise ValueError(
        f"norm: Invalid axis values: expected one or two axes with ord={ord!r}; Received: axis={axis}, "
        f"input shape {tuple(x.shape)}"
    )


__all__ = ["norm"]
