"""Sums of numbers that are given by their logarithms, under the names of ``keras.ops``."""

import math

from ..core.dispatch import apply, operation
from .numpy import maximum, where
from .promotion import float_tensor, normalized_axes, promoted


@operation
def logaddexp(x1, x2):
    """log(e^x1 + e^x2), computed without overflow."""
    x1, x2 = promoted(x1, x2, at_least="float")
    distance = apply("abs", apply("subtract", x1, x2))
    # equal infinities have no distance
    distance = where(apply("isnan", distance), 0.0, distance)
    more = apply("log1p", apply("exp", apply("negative", distance)))
    return apply("add", maximum(x1, x2), more)


@operation
def logaddexp2(x1, x2):
    """log2(2^x1 + 2^x2), computed without overflow."""
    x1, x2 = promoted(x1, x2, at_least="float")
    scaled = [apply("multiply", x, math.log(2)) for x in (x1, x2)]
    return apply("multiply", logaddexp(*scaled), 1 / math.log(2))


@operation
def logsumexp(x, axis=None, keepdims=False):
    """log(sum(e^x)) over ``axis``, computed without overflow; -inf where all elements are."""
    x = float_tensor(x)
    axes = normalized_axes(axis, len(x.shape), "logsumexp")
    largest = apply("stop_gradient", apply("max", x, axes=axes, keepdims=True))
    largest = where(apply("isfinite", largest), largest, 0.0)
    total = apply("sum", apply("exp", apply("subtract", x, largest)), axes=axes, keepdims=True)
    # the logarithm of 0 is taken aside, so that its gradient is 0 and not NaN
    some = apply("not_equal", total, 0.0)
    result = apply("add", apply("log", where(some, total, 1.0)), largest)
    result = where(some, result, -math.inf)
    return result if keepdims else apply("squeeze", result, axes=axes)


__all__ = ["logaddexp", "logaddexp2", "logsumexp"]
