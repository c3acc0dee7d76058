"""Elementwise functions that are composed of others, under the names of ``keras.ops``."""

import math

import numpy as np

from ..core import dtypes
from ..core.dispatch import apply, operation
from . import reductions
from .numpy import absolute, floor, isnan, logical_and, logical_not, logical_or, maximum, minimum, where
from .promotion import float_tensor, promoted_tensors, tensor


@operation
def exp2(x):
    """2 to the power x."""
    return apply("exp", apply("multiply", float_tensor(x), math.log(2)))


@operation
def tan(x):
    """The tangent of x radians."""
    x = float_tensor(x)
    return apply("divide", apply("sin", x), apply("cos", x))


@operation
def sinh(x):
    # From e^x - 1, which keeps its digits near 0, as tanh has them.
    """The hyperbolic sine, (eˣ - e⁻ˣ) / 2."""
    x = float_tensor(x)
    half = apply("tanh", apply("multiply", x, 0.5))
    small = apply("divide", apply("multiply", half, 2.0), apply("subtract", 1.0, apply("square", half)))
    large = apply("multiply", apply("subtract", apply("exp", x), apply("exp", apply("negative", x))), 0.5)
    return where(apply("less", apply("abs", x), 1.0), small, large)


@operation
def cosh(x):
    """The hyperbolic cosine, (eˣ + e⁻ˣ) / 2."""
    x = float_tensor(x)
    return apply("multiply", apply("add", apply("exp", x), apply("exp", apply("negative", x))), 0.5)


@operation
def arcsinh(x):
    """The inverse of sinh: ln(x + √(x² + 1))."""
    x = float_tensor(x)
    size = apply("abs", x)
    square = apply("square", size)
    root = apply("add", apply("sqrt", apply("add", square, 1.0)), 1.0)
    more = where(apply("isfinite", square), apply("divide", square, root), size)
    return apply("multiply", apply("sign", x), apply("log1p", apply("add", size, more)))


@operation
def arccosh(x):
    """The inverse of cosh for x >= 1: ln(x + √(x² - 1)); NaN below."""
    x = float_tensor(x)
    below = apply("subtract", x, 1.0)
    root = apply("sqrt", apply("multiply", below, apply("add", x, 1.0)))
    return apply("log1p", apply("add", below, root))


@operation
def arctanh(x):
    """The inverse of tanh for |x| < 1: ½ ln((1 + x) / (1 - x)); NaN beyond."""
    x = float_tensor(x)
    ratio = apply("divide", apply("multiply", x, 2.0), apply("subtract", 1.0, x))
    return apply("multiply", apply("log1p", ratio), 0.5)


@operation
def cbrt(x):
    """The real cube root, also of negative numbers."""
    x = float_tensor(x)
    return apply("multiply", apply("sign", x), apply("power", apply("abs", x), 1 / 3))


@operation
def hypot(x1, x2):
    """sqrt(x1² + x2²), computed without overflow."""
    x1, x2 = (apply("abs", x) for x in promoted_tensors(x1, x2, at_least="float"))
    large, small = maximum(x1, x2), minimum(x1, x2)
    ratio = apply("divide_no_nan", small, large)
    return apply("multiply", large, apply("sqrt", apply("add", apply("square", ratio), 1.0)))


@operation
def deg2rad(x):
    """Degrees as radians: x π / 180."""
    return apply("multiply", float_tensor(x), math.pi / 180)


@operation
def rad2deg(x):
    """Radians as degrees: x 180 / π."""
    return apply("multiply", float_tensor(x), 180 / math.pi)


@operation
def sinc(x):
    """sin(pi x) / (pi x), 1 at 0."""
    x = apply("multiply", float_tensor(x), math.pi)
    nonzero = apply("not_equal", x, 0.0)
    return where(nonzero, apply("divide", apply("sin", x), where(nonzero, x, 1.0)), 1.0)


@operation
def erfc(x):
    """1 - erf(x), as that difference: values below the rounding of 1 are 0."""
    return apply("subtract", 1.0, apply("erf", float_tensor(x)))


@operation
def trunc(x):
    """Rounded towards 0."""
    x = tensor(x)
    if not dtypes.is_float(str(x.dtype)):
        return x
    return apply("multiply", apply("sign", x), apply("floor", apply("abs", x)))


@operation
def fabs(x):
    """The absolute value, as a float."""
    return apply("abs", float_tensor(x))


@operation
def heaviside(x1, x2):
    """0 below 0, 1 above, ``x2`` at 0."""
    x1, x2 = promoted_tensors(x1, x2, at_least="float")
    step = tensor(apply("greater", x1, 0.0), str(x1.dtype))
    return where(apply("equal", x1, 0.0), x2, where(isnan(x1), x1, step))


@operation
def logical_xor(x1, x2):
    """Whether exactly one of both is not 0, as bool."""
    return apply("not_equal", tensor(x1, "bool"), tensor(x2, "bool"))


@operation
def isposinf(x):
    """Whether x is +∞, as bool."""
    return apply("equal", float_tensor(x), math.inf)


@operation
def isneginf(x):
    """Whether x is -∞, as bool."""
    return apply("equal", float_tensor(x), -math.inf)


@operation
def isclose(x1, x2, rtol=1e-5, atol=1e-8, equal_nan=False):
    """Whether |x1 - x2| <= atol + rtol |x2|; infinities are close to themselves only."""
    x1, x2 = promoted_tensors(x1, x2, at_least="float")
    limit = apply("add", apply("multiply", apply("abs", x2), float(rtol)), float(atol))
    near = logical_and(apply("less_equal", absolute(apply("subtract", x1, x2)), limit), apply("isfinite", x2))
    near = logical_or(near, apply("equal", x1, x2))
    return logical_or(near, logical_and(isnan(x1), isnan(x2))) if equal_nan else near


def allclose(x1, x2, rtol=1e-5, atol=1e-8, equal_nan=False):
    """Whether all elements are close; see ``isclose``."""
    return reductions.all(isclose(x1, x2, rtol, atol, equal_nan))


@operation
def nan_to_num(x, nan=0.0, posinf=None, neginf=None):
    """``x`` without NaN and infinities, which become the largest finite numbers by default."""
    x = tensor(x)
    if not dtypes.is_float(str(x.dtype)):
        return x
    lowest, largest = dtypes.float_limits(str(x.dtype))
    x = where(isnan(x), float(nan), x)
    x = where(isposinf(x), float(largest if posinf is None else posinf), x)
    return where(isneginf(x), float(lowest if neginf is None else neginf), x)


@operation
def fmax(x1, x2):
    """The larger one; a number where the other is NaN."""
    x1, x2 = promoted_tensors(x1, x2)
    return where(isnan(x1), x2, where(isnan(x2), x1, maximum(x1, x2)))


@operation
def fmin(x1, x2):
    """The smaller one; a number where the other is NaN."""
    x1, x2 = promoted_tensors(x1, x2)
    return where(isnan(x1), x2, where(isnan(x2), x1, minimum(x1, x2)))


@operation
def ldexp(x1, x2):
    """x1 times 2 to the power of the integer x2."""
    return apply("multiply", float_tensor(x1), exp2(floor(x2)))


@operation
def copy(x):
    """``x`` as an array or tensor of its own."""
    x = tensor(x)
    return x.copy() if isinstance(x, np.ndarray) else x


@operation
def saturate_cast(x, dtype):
    """``x`` in another dtype, after clipping to its range."""
    dtype = dtypes.standardize_dtype(dtype)
    x = tensor(x)
    if dtype == "bool":
        return tensor(logical_not(apply("equal", x, 0)), "bool")
    if dtypes.is_float(dtype):
        low, high = dtypes.float_limits(dtype)
    else:
        low, high = float(np.iinfo(dtype).min), float(np.iinfo(dtype).max)
        if dtypes.is_float(str(x.dtype)) and high >= 2**24:
            high = float(np.nextafter(np.asarray(high, dtypes.at_least_float32(str(x.dtype))), 0))
    return tensor(apply("clip", x, min=low, max=high), dtype)


__all__ = [
    "allclose",
    "arccosh",
    "arcsinh",
    "arctanh",
    "cbrt",
    "copy",
    "cosh",
    "deg2rad",
    "erfc",
    "exp2",
    "fabs",
    "fmax",
    "fmin",
    "heaviside",
    "hypot",
    "isclose",
    "isneginf",
    "isposinf",
    "ldexp",
    "logical_xor",
    "nan_to_num",
    "rad2deg",
    "saturate_cast",
    "sinc",
    "sinh",
    "tan",
    "trunc",
]
