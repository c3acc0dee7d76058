"""Inverse trigonometric functions and the inverse error function, composed of others."""

import math

import numpy as np

from ..core.dispatch import apply, operation
from .numpy import logical_and, logical_or, maximum, minimum, where
from .promotion import float_tensor, promoted_tensors, tensor

# Terms of the series of arctan, which is taken below tan(pi / 16): the next one is below 1e-17 there.
_TERMS = 12


def _arctan_below_one(t):
    """arctan of t in [0, 1]: twice half the angle, then the series."""
    for _ in range(2):
        root = apply("sqrt", apply("add", apply("square", t), 1.0))
        t = apply("divide", t, apply("add", root, 1.0))
    square = apply("square", t)
    total = (-1.0) ** (_TERMS - 1) / (2 * _TERMS - 1)
    for n in reversed(range(_TERMS - 1)):
        total = apply("add", apply("multiply", square, total), (-1.0) ** n / (2 * n + 1))
    return apply("multiply", apply("multiply", t, total), 4.0)


@operation
def arctan(x):
    """The angle in radians, in (-π/2, π/2), whose tangent is x."""
    x = float_tensor(x)
    size = apply("abs", x)
    beyond = apply("greater", size, 1.0)
    angle = _arctan_below_one(where(beyond, apply("reciprocal", maximum(size, 1.0)), size))
    angle = where(beyond, apply("subtract", math.pi / 2, angle), angle)
    return apply("multiply", apply("sign", x), angle)


@operation
def arcsin(x):
    """The angle in radians, in [-π/2, π/2], whose sine is x; NaN outside [-1, 1]."""
    x = float_tensor(x)
    other = apply("sqrt", apply("multiply", apply("subtract", 1.0, x), apply("add", x, 1.0)))
    return apply("multiply", arctan(apply("divide", x, apply("add", other, 1.0))), 2.0)


@operation
def arccos(x):
    """The angle in radians, in [0, π], whose cosine is x; NaN outside [-1, 1]."""
    x = float_tensor(x)
    ratio = apply("divide", apply("subtract", 1.0, x), apply("add", x, 1.0))
    return apply("multiply", arctan(apply("sqrt", ratio)), 2.0)


@operation
def signbit(x):
    """Whether the sign is negative, that of -0.0 included."""
    x = tensor(x)
    if not str(x.dtype).startswith(("float", "bfloat")):
        return apply("less", tensor(x, "int32"), 0)
    negative_zero = logical_and(apply("equal", x, 0.0), apply("less", apply("reciprocal", x), 0.0))
    return logical_or(apply("less", x, 0.0), negative_zero)


@operation
def arctan2(x1, x2):
    """The angle of the point (x2, x1), in [-pi, pi]."""
    y, x = promoted_tensors(x1, x2, at_least="float")
    height, width = apply("abs", y), apply("abs", x)
    small, large = minimum(height, width), maximum(height, width)
    ratio = where(apply("equal", small, large), 1.0, apply("divide_no_nan", small, large))
    ratio = where(apply("equal", large, 0.0), 0.0, ratio)
    angle = _arctan_below_one(ratio)
    angle = where(apply("greater", height, width), apply("subtract", math.pi / 2, angle), angle)
    angle = where(signbit(x), apply("subtract", math.pi, angle), angle)
    return where(signbit(y), apply("negative", angle), angle)


# M. Giles, Approximating the erfinv function, GPU Computing Gems 2, 2011: the single-precision polynomials.
_NEAR: tuple = (2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087)
_NEAR = (*_NEAR, -0.00125372503, -0.00417768164, 0.246640727, 1.50140941)
_FAR: tuple = (-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773)
_FAR = (*_FAR, -0.0076224613, 0.00943887047, 1.00167406, 2.83297682)


def _polynomial(coefficients, w):
    total = coefficients[0]
    for c in coefficients[1:]:
        total = apply("add", apply("multiply", w, total), c)
    return total


@operation
def erfinv(x):
    """The inverse of ``erf``; infinite at -1 and 1, NaN beyond."""
    x = float_tensor(x)
    w = apply("negative", apply("log", apply("multiply", apply("subtract", 1.0, x), apply("add", x, 1.0))))
    near = _polynomial(_NEAR, apply("subtract", w, 2.5))
    far = _polynomial(_FAR, apply("subtract", apply("sqrt", maximum(w, 5.0)), 3.0))
    guess = apply("multiply", where(apply("less", w, 5.0), near, far), x)
    # one step of Newton's method, for the digits that the polynomials lack
    slope = apply("multiply", apply("exp", apply("negative", apply("square", guess))), 2 / math.sqrt(math.pi))
    step = apply("divide_no_nan", apply("subtract", apply("erf", guess), x), slope)
    inside = apply("less", apply("abs", x), np.asarray(0.9999, str(x.dtype)))
    refined = where(inside, apply("subtract", guess, where(inside, step, 0.0)), guess)
    edge = apply("equal", apply("abs", x), 1.0)
    infinite = [np.asarray(end, str(x.dtype)) for end in (math.inf, -math.inf)]
    return where(edge, where(apply("greater", x, 0.0), *infinite), refined)


__all__ = ["arccos", "arcsin", "arctan", "arctan2", "erfinv", "signbit"]
