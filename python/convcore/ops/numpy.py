"""Elementwise mathematics, comparisons and reductions under the names of ``keras.ops``."""

import importlib
import math

import numpy as np

from ..core import dtypes
from ..core.dispatch import apply, operation
from .promotion import binary, float_tensor, numeric_tensor, promoted_tensors, tensor

_SCALARS = (int, float, np.integer, np.floating)


@operation
def add(x1, x2):
    """x1 + x2, with broadcasting."""
    return binary("add", x1, x2)


@operation
def subtract(x1, x2):
    """x1 - x2, with broadcasting."""
    return binary("subtract", x1, x2)


@operation
def multiply(x1, x2):
    """x1 times x2, element by element, with broadcasting."""
    return binary("multiply", x1, x2)


@operation
def divide(x1, x2):
    """x1 / x2 as floats, with broadcasting."""
    return binary("divide", x1, x2, at_least="float")


@operation
def true_divide(x1, x2):
    """x1 / x2 as floats, as `divide`."""
    return divide(x1, x2)


@operation
def divide_no_nan(x1, x2):
    """x1 / x2, and 0 where x2 is 0."""
    return binary("divide_no_nan", x1, x2, at_least="float")


@operation
def floor_divide(x1, x2):
    """x1 / x2 rounded down, with broadcasting."""
    return binary("floor_divide", x1, x2)


@operation
def mod(x1, x2):
    """What `floor_divide` leaves: x1 - x2 floor(x1 / x2), with the sign of x2."""
    return binary("mod", x1, x2)


@operation
def power(x1, x2):
    """x1 to the power x2, with broadcasting."""
    return binary("power", x1, x2)


@operation
def maximum(x1, x2):
    """The larger of x1 and x2, NaN if either is; with broadcasting."""
    return binary("maximum", x1, x2)


@operation
def minimum(x1, x2):
    """The smaller of x1 and x2, NaN if either is; with broadcasting."""
    return binary("minimum", x1, x2)


@operation
def equal(x1, x2):
    """x1 == x2 as bool, with broadcasting."""
    return binary("equal", x1, x2)


@operation
def not_equal(x1, x2):
    """x1 != x2 as bool, with broadcasting."""
    return binary("not_equal", x1, x2)


@operation
def less(x1, x2):
    """x1 < x2 as bool, with broadcasting."""
    return binary("less", x1, x2)


@operation
def less_equal(x1, x2):
    """x1 <= x2 as bool, with broadcasting."""
    return binary("less_equal", x1, x2)


@operation
def greater(x1, x2):
    """x1 > x2 as bool, with broadcasting."""
    return binary("greater", x1, x2)


@operation
def greater_equal(x1, x2):
    """x1 >= x2 as bool, with broadcasting."""
    return binary("greater_equal", x1, x2)


@operation
def logical_and(x1, x2):
    """Whether both are not 0, as bool."""
    return apply("logical_and", tensor(x1, "bool"), tensor(x2, "bool"))


@operation
def logical_or(x1, x2):
    """Whether either is not 0, as bool."""
    return apply("logical_or", tensor(x1, "bool"), tensor(x2, "bool"))


@operation
def logical_not(x):
    """Whether x is 0, as bool."""
    return apply("logical_not", tensor(x, "bool"))


@operation
def negative(x):
    """-x."""
    return apply("negative", tensor(x))


@operation
def absolute(x):
    """|x|."""
    x = tensor(x)
    return x if str(x.dtype) in ("bool", "uint8", "uint32") else apply("abs", x)


abs = absolute


@operation
def sign(x):
    """-1, 0 or 1."""
    return apply("sign", tensor(x))


@operation
def square(x):
    """x²."""
    return apply("square", numeric_tensor(x))


@operation
def exp(x):
    """e to the power x."""
    return apply("exp", float_tensor(x))


@operation
def expm1(x):
    """eˣ - 1, exact also near 0."""
    return apply("subtract", apply("exp", float_tensor(x)), 1.0)


@operation
def log(x):
    """The natural logarithm; -∞ at 0, NaN below."""
    return apply("log", float_tensor(x))


@operation
def log1p(x):
    """ln(1 + x), exact also near 0."""
    return apply("log1p", float_tensor(x))


@operation
def log2(x):
    """The logarithm to base 2."""
    return apply("multiply", apply("log", float_tensor(x)), 1 / math.log(2))


@operation
def log10(x):
    """The logarithm to base 10."""
    return apply("multiply", apply("log", float_tensor(x)), 1 / math.log(10))


@operation
def sqrt(x):
    """√x; NaN below 0."""
    return apply("sqrt", float_tensor(x))


@operation
def rsqrt(x):
    """1 / √x."""
    return apply("rsqrt", float_tensor(x))


@operation
def reciprocal(x):
    """1 / x."""
    return apply("reciprocal", float_tensor(x))


@operation
def floor(x):
    """The largest integer <= x, as a float."""
    return apply("floor", float_tensor(x))


@operation
def ceil(x):
    """The smallest integer >= x, as a float."""
    return apply("ceil", float_tensor(x))


@operation
def round(x, decimals=0):
    """x rounded to `decimals` digits after the point, halves to even."""
    x = tensor(x)
    if not dtypes.is_float(str(x.dtype)):
        return x if decimals >= 0 else tensor(round(tensor(x, "float64"), decimals), str(x.dtype))
    if decimals == 0:
        return apply("round", x)
    factor = 10.0**decimals
    return apply("divide", apply("round", apply("multiply", x, factor)), factor)


@operation
def sin(x):
    """The sine of x radians."""
    return apply("sin", float_tensor(x))


@operation
def cos(x):
    """The cosine of x radians."""
    return apply("cos", float_tensor(x))


@operation
def tanh(x):
    """The hyperbolic tangent."""
    return apply("tanh", float_tensor(x))


@operation
def erf(x):
    """The error function, 2/√π times the integral of e^(-t²) from 0 to x."""
    return apply("erf", float_tensor(x))


@operation
def isnan(x):
    """Whether x is NaN, as bool."""
    return apply("isnan", float_tensor(x))


@operation
def isfinite(x):
    """Whether x is neither infinite nor NaN, as bool."""
    return apply("isfinite", float_tensor(x))


@operation
def isinf(x):
    """Whether x is +∞ or -∞, as bool."""
    x = float_tensor(x)
    return apply("equal", apply("abs", x), math.inf)


@operation
def clip(x, x_min, x_max):
    """``x`` limited to [x_min, x_max]; the limits may be tensors."""
    if isinstance(x_min, _SCALARS) and isinstance(x_max, _SCALARS):
        x = numeric_tensor(x)
        if not dtypes.is_float(str(x.dtype)) and (isinstance(x_min, float) or isinstance(x_max, float)):
            x = float_tensor(x)
        return apply("clip", x, min=float(x_min), max=float(x_max))
    return minimum(maximum(numeric_tensor(x), x_min), x_max)


@operation
def where(condition, x1=None, x2=None):
    """Elements of ``x1`` where ``condition`` holds, else of ``x2``; without both, ``nonzero(condition)``."""
    if x1 is None and x2 is None:
        from .integers import nonzero

        return nonzero(condition)
    if x1 is None or x2 is None:
        raise ValueError("where: `x1` and `x2` either both should be `None` or both should be given")
    return apply("where", tensor(condition, "bool"), *promoted_tensors(x1, x2))


# The rooms whose functions are in ``keras.ops.numpy`` too: as a namespace this module has all of them.
_ROOMS = (
    *(
        "creation",
        "reductions",
        "shapes",
        "elementwise",
        "arranging",
        "matrices",
        "logarithms",
        "core",
        "angles",
    ),
    *("sorting", "nan_reductions", "letter_sums", "products", "windows", "integers", "control", "spacing"),
    "complex_parts",
)


def __getattr__(name):
    if not name.startswith("_"):
        for room in _ROOMS:
            module = importlib.import_module(f"{__package__}.{room}")
            if name in getattr(module, "__all__", ("get_item",)):
                return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "abs",
    "absolute",
    "add",
    "ceil",
    "clip",
    "cos",
    "divide",
    "divide_no_nan",
    "equal",
    "erf",
    "exp",
    "expm1",
    "floor",
    "floor_divide",
    "greater",
    "greater_equal",
    "isfinite",
    "isinf",
    "isnan",
    "less",
    "less_equal",
    "log",
    "log10",
    "log1p",
    "log2",
    "logical_and",
    "logical_not",
    "logical_or",
    "maximum",
    "minimum",
    "mod",
    "multiply",
    "negative",
    "not_equal",
    "power",
    "reciprocal",
    "round",
    "rsqrt",
    "sign",
    "sin",
    "sqrt",
    "square",
    "subtract",
    "tanh",
    "true_divide",
    "where",
]
