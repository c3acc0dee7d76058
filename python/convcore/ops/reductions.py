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


_SUMMED_IN = {"bool": "int32", "int8": "int32", "int16": "int32", "uint8": "uint32", "uint16": "uint32"}


def _summable(x):
    x = tensor(x)
    name = str(x.dtype)
    return tensor(x, _SUMMED_IN[name]) if name in _SUMMED_IN else x


@operation
def sum(x, axis=None, keepdims=False):
    """The sum along `axis`: an int, several, or None for all."""
    return _reduce("sum", _summable(x), axis, keepdims)


@operation
def prod(x, axis=None, keepdims=False, dtype=None):
    """The product along `axis`: an int, several, or None for all."""
    x = _summable(x) if dtype is None else tensor(x, dtypes.standardize_dtype(dtype))
    return _reduce("prod", x, axis, keepdims)


@operation
def mean(x, axis=None, keepdims=False):
    """The mean along `axis`: an int, several, or None for all."""
    return _reduce("mean", float_tensor(x), axis, keepdims)


@operation
def max(x, axis=None, keepdims=False, initial=None):
    """The largest element; with ``initial`` not below that, which is the result where there is none."""
    return _extremum("max", maximum, tensor(x), axis, keepdims, initial)


@operation
def min(x, axis=None, keepdims=False, initial=None):
    """The smallest element; with ``initial`` not above that, which is the result where there is none."""
    return _extremum("min", minimum, tensor(x), axis, keepdims, initial)


def _extremum(op, meet, x, axis, keepdims, initial):
    if initial is None:
        return _reduce(op, x, axis, keepdims)
    initial = tensor(initial, str(x.dtype))
    if 0 not in x.shape:
        return meet(_reduce(op, x, axis, keepdims), initial)
    nothing = _reduce("any", tensor(x, "bool"), axis, keepdims)  # needs no element; only its shape is read
    return apply("broadcast_like", initial, nothing)


@operation
def amax(x, axis=None, keepdims=False):
    """The largest element along `axis`: an int, several, or None for all. NaN wins."""
    return max(x, axis, keepdims)


@operation
def amin(x, axis=None, keepdims=False):
    """The smallest element along `axis`: an int, several, or None for all. NaN wins."""
    return min(x, axis, keepdims)


@operation
def all(x, axis=None, keepdims=False):
    """Whether all elements along `axis` (None: all axes) are not 0, as bool."""
    return _reduce("all", tensor(x, "bool"), axis, keepdims)


@operation
def any(x, axis=None, keepdims=False):
    """Whether any element along `axis` (None: all axes) is not 0, as bool."""
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
    """How many elements along `axis` (None: all axes) are not 0."""
    return _reduce("sum", tensor(not_equal(x, 0), "int32"), axis, False)


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
    "prod",
    "std",
    "sum",
    "var",
]
