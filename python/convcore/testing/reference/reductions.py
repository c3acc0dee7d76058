"""Reductions along axes, positions of extrema, and orders."""

import numpy as np


def _along(axes):
    return tuple(axes) or None


def _whole(function):
    """Sums and products of bools and bytes are int32; other integers keep their dtype, and wrap around."""

    def reduce(x, axes=(), keepdims=False):
        if x.dtype.kind == "f":
            return function(x, axis=_along(axes), keepdims=keepdims)
        dtype = np.int32 if x.dtype in (np.bool_, np.uint8) else x.dtype
        return function(x.astype(np.int64), axis=_along(axes), keepdims=keepdims).astype(dtype)

    return reduce


def _plain(function):
    return lambda x, axes=(), keepdims=False: function(x, axis=_along(axes), keepdims=keepdims)


def _position(function):
    """The first extremum along one axis as int32; the first NaN is one."""
    return lambda x, axis=-1, keepdims=False: function(x, axis=axis, keepdims=keepdims).astype(np.int32)


def l2_norm(x, axes=(), keepdims=False):
    """Square root of the sum of squares."""
    return np.sqrt(np.sum(x * x, axis=_along(axes), keepdims=keepdims))


def argsort(x, descending=False):
    """Positions along the last axis in the order of the elements, as int32. Equal ones stay in their order;
    NaN is the largest."""
    if not descending:
        return np.argsort(x, axis=-1, kind="stable").astype(np.int32)
    turned = np.argsort(x[..., ::-1], axis=-1, kind="stable")[..., ::-1]
    return (x.shape[-1] - 1 - turned).astype(np.int32)


def sum_to_shape(x, like):
    """x summed along the axes that `like` has not, or has with size 1: the reverse of broadcasting."""
    fresh = x.ndim - like.ndim
    kept = _whole(np.sum)(x, range(fresh)) if fresh else x
    axes = [axis for axis in range(like.ndim) if like.shape[axis] == 1 != kept.shape[axis]]
    return (_whole(np.sum)(kept, axes, keepdims=True) if axes else kept).astype(x.dtype)


OPS = {
    "sum": _whole(np.sum),
    "mean": _plain(np.mean),
    "max": _plain(np.max),
    "min": _plain(np.min),
    "prod": _whole(np.prod),
    "all": _plain(np.all),
    "any": _plain(np.any),
    "l2_norm": l2_norm,
    "argmax": _position(np.argmax),
    "argmin": _position(np.argmin),
    "argsort": argsort,
    "sum_to_shape": sum_to_shape,
}
