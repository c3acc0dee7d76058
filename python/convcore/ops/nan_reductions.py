"""Reductions that leave NaN out, under the names of ``keras.ops``."""

import math

from ..core import dtypes
from ..core.dispatch import apply, operation
from . import reductions
from .arranging import cumprod, cumsum
from .numpy import isnan, logical_not, where
from .promotion import float_tensor, tensor
from .shapes import ravel
from .sorting import _between, _last, _order, _picked, _shaped, shares


def _filled(x, value):
    """``x`` with ``value`` for NaN."""
    x = tensor(x)
    return where(isnan(x), value, x) if dtypes.is_float(str(x.dtype)) else x


def _count(x, axis, keepdims):
    x = float_tensor(x)
    return reductions.sum(tensor(logical_not(isnan(x)), str(x.dtype)), axis, keepdims)


@operation
def nansum(x, axis=None, keepdims=False):
    """The sum along `axis` (None: all), NaN counting as 0."""
    return reductions.sum(_filled(x, 0.0), axis, keepdims)


@operation
def nanprod(x, axis=None, keepdims=False):
    """The product along `axis` (None: all), NaN counting as 1."""
    return reductions.prod(_filled(x, 1.0), axis, keepdims)


@operation
def nanmean(x, axis=None, keepdims=False):
    """The mean of the numbers; NaN where there is none."""
    total = reductions.sum(_filled(float_tensor(x), 0.0), axis, keepdims)
    return apply("divide", total, _count(x, axis, keepdims))


@operation
def nanvar(x, axis=None, keepdims=False):
    """The variance of the elements that are not NaN, along `axis` (None: all)."""
    x = float_tensor(x)
    difference = _filled(apply("subtract", x, nanmean(x, axis, True)), 0.0)
    total = reductions.sum(apply("square", difference), axis, keepdims)
    return apply("divide", total, _count(x, axis, keepdims))


@operation
def nanstd(x, axis=None, keepdims=False):
    """The standard deviation of the elements that are not NaN, along `axis` (None: all)."""
    return apply("sqrt", nanvar(x, axis, keepdims))


def _extremum(reduce, x, axis, keepdims, worst):
    x = tensor(x)
    result = reduce(_filled(x, worst), axis, keepdims)
    if not dtypes.is_float(str(x.dtype)):
        return result
    return where(reductions.all(isnan(x), axis, keepdims), math.nan, result)


@operation
def nanmax(x, axis=None, keepdims=False):
    """The largest number; NaN where there is none."""
    return _extremum(reductions.max, x, axis, keepdims, -math.inf)


@operation
def nanmin(x, axis=None, keepdims=False):
    """The smallest number; NaN where there is none."""
    return _extremum(reductions.min, x, axis, keepdims, math.inf)


def _position(reduce, x, axis, keepdims, worst):
    x = tensor(x)
    place = reduce(_filled(x, worst), axis, keepdims)
    return where(reductions.all(isnan(float_tensor(x)), axis, keepdims), -1, place)


@operation
def nanargmax(x, axis=None, keepdims=False):
    """The position of the first largest number; -1 where there is none."""
    return _position(reductions.argmax, x, axis, keepdims, -math.inf)


@operation
def nanargmin(x, axis=None, keepdims=False):
    """The position of the first smallest number; -1 where there is none."""
    return _position(reductions.argmin, x, axis, keepdims, math.inf)


@operation
def nancumsum(x, axis=None, dtype=None):
    """Running sums along `axis` (None: of the flattened tensor), NaN counting as 0."""
    return cumsum(_filled(x, 0.0), axis, dtype)


@operation
def nancumprod(x, axis=None, dtype=None):
    """Running products along `axis` (None: of the flattened tensor), NaN counting as 1."""
    return cumprod(_filled(x, 1.0), axis, dtype)


_ROUND = {"lower": "floor", "higher": "ceil", "nearest": "round"}


@operation
def nanquantile(x, q, axis=None, method="linear", keepdims=False):
    """``quantile`` of the numbers; NaN where there is none."""
    x = float_tensor(x)
    rows, kept, axes = _last(x, axis, "nanquantile")
    order, _ = _order(rows, -1)
    q = tensor(q, str(x.dtype))
    last = apply("subtract", _count(rows, -1, True), 1.0)
    at = apply("multiply", reductions.max(last, -1, True), ravel(q))
    at = apply("clip", at, min=0.0, max=float(rows.shape[-1]))
    ordered = _picked(rows, order, len(kept))

    def taken(places):
        return _picked(ordered, tensor(places, "int32"), len(kept))

    if method in _ROUND:
        result = taken(apply(_ROUND[method], at))
    else:
        low = apply("floor", at)
        result = _between(taken(low), taken(apply("ceil", at)), apply("subtract", at, low), method)
    return _shaped(result, tuple(q.shape), x, axes, kept, keepdims)


@operation
def nanpercentile(x, q, axis=None, method="linear", keepdims=False):
    """``nanquantile`` with ``q`` in percent."""
    return nanquantile(x, shares(q) / 100, axis, method, keepdims)


@operation
def nanmedian(x, axis=None, keepdims=False):
    """The median of the elements that are not NaN, along `axis` (None: all)."""
    return nanquantile(x, 0.5, axis, "linear", keepdims)


__all__ = [
    "nanargmax",
    "nanargmin",
    "nancumprod",
    "nancumsum",
    "nanmax",
    "nanmean",
    "nanmedian",
    "nanmin",
    "nanpercentile",
    "nanprod",
    "nanquantile",
    "nanstd",
    "nansum",
    "nanvar",
]
