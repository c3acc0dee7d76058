"""Reductions and positions of extrema, under the names of ``keras.ops``."""

from ..core import dtypes
from ..core.dispatch import apply, operation
from .numpy import maximum, minimum, not_equal
from .promotion import float_tensor, normalized_axes, tensor


def _reduce(op, x, axis, keepdims):
    axes = normalized_axes(axis, len(x.shape), op)
    if axis is not None and not axes:
        return x
    return apply(op, x, axes=axes, keepdims=bool(keepdims))


def _summable(x):
    x = tensor(x)
    name = str(x.dtype)
    return tensor(x, {"bool": "int32", "uint8": "uint32"}[name]) if name in ("bool", "uint8") else x


@operation
def sum(x, axis=None, keepdims=False):
    return _reduce("sum", _summable(x), axis, keepdims)


@operation
def prod(x, axis=None, keepdims=False, dtype=None):
    x = _summable(x) if dtype is None else tensor(x, dtypes.standardize_dtype(dtype))
    return _reduce("prod", x, axis, keepdims)


@operation
def mean(x, axis=None, keepdims=False):
    return _reduce("mean", float_tensor(x), axis, keepdims)


@operation
def max(x, axis=None, keepdims=False, initial=None):
    result = _reduce("max", tensor(x), axis, keepdims)
    return result if initial is None else maximum(result, initial)


@operation
def min(x, axis=None, keepdims=False, initial=None):
    result = _reduce("min", tensor(x), axis, keepdims)
    return result if initial is None else minimum(result, initial)


amax, amin = max, min


@operation
def all(x, axis=None, keepdims=False):
    return _reduce("all", tensor(x, "bool"), axis, keepdims)


@operation
def any(x, axis=None, keepdims=False):
    return _reduce("any", tensor(x, "bool"), axis, keepdims)


@operation
def var(x, axis=None, keepdims=False):
    """The biased variance."""
    x = float_tensor(x)
    deviation = apply("subtract", x, _reduce("mean", x, axis, True))
    return _reduce("mean", apply("square", deviation), axis, keepdims)


@operation
def std(x, axis=None, keepdims=False):
    """The square root of the biased variance."""
    return apply("sqrt", var(x, axis, keepdims))


@operation
def count_nonzero(x, axis=None):
    return _reduce("sum", tensor(not_equal(x, 0), "int32"), axis, False)


@operation
def norm(x, ord=None, axis=None, keepdims=False):
    """The Euclidean norm over ``axis``."""
    if ord not in (None, 2, "fro"):
        raise ValueError(f"norm: expected ord None or 2; received {ord!r}")
    return _reduce("l2_norm", float_tensor(x), axis, keepdims)


def _arg(op, x, axis, keepdims):
    x = tensor(x)
    if axis is None:
        rank = len(x.shape)
        result = apply(op, apply("reshape", x, shape=[-1]), axis=0, keepdims=False)
        return apply("reshape", result, shape=[1] * rank) if keepdims else result
    (axis,) = normalized_axes(axis, len(x.shape), op)
    return apply(op, x, axis=axis, keepdims=bool(keepdims))


@operation
def argmax(x, axis=None, keepdims=False):
    """The int32 index of the first largest element."""
    return _arg("argmax", x, axis, keepdims)


@operation
def argmin(x, axis=None, keepdims=False):
    """The int32 index of the first smallest element."""
    return _arg("argmin", x, axis, keepdims)


__all__ = [
    "all",
    "amax",
    "amin",
    "any",
    "argmax",
    "argmin",
    "count_nonzero",
    "max",
    "mean",
    "min",
    "norm",
    "prod",
    "std",
    "sum",
    "var",
]
