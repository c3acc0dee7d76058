"""Functions of single elements, with NumPy's broadcasting. Floats are float64; integers keep their dtype and
wrap around."""

import math

import numpy as np

erf = np.vectorize(math.erf, otypes=[np.float64])


def sigmoid(x):
    return np.exp(-np.logaddexp(0, -x))


def softplus(x):
    return np.logaddexp(0, x)


def divide_no_nan(a, b):
    """a / b, and 0 where b is 0."""
    return np.where(b == 0, 0.0, a / np.where(b == 0, 1.0, b))


def power(a, b):
    """a to the power b; of integers, what is left of 1 / a**-b without its fraction where b is negative."""
    a, b = np.broadcast_arrays(a, b)
    if a.dtype.kind == "f":
        return np.power(a, b)
    inverse = np.where(a == 1, 1, np.where(a == -1, 1 - 2 * (b % 2), 0)) if a.dtype.kind == "i" else 0
    return np.where(b < 0, inverse, np.power(a, np.maximum(b, 0))).astype(a.dtype)


def to_integer(x, dtype):
    """Floats without their fraction, limited to what the integer dtype holds; NaN is 0."""
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    inside = (x > low) & (x < high)
    whole = np.where(inside, x, 0).astype(dtype)
    return np.where(x >= high, dtype.type(high), np.where(x <= low, dtype.type(low), whole))


def to_bfloat16(x):
    """float32 rounded to 8 bits of precision, halves to even, as float32."""
    bits = np.asarray(x, np.float32).view(np.uint32)
    rounded = (bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) & np.uint32(0xFFFF0000)
    return np.where(np.isnan(x), np.float32(np.nan), rounded.view(np.float32))


def cast(x, dtype="float32"):
    """To bool: not 0. To integers: truncated and limited, from integers modulo. To floats: rounded to what
    the dtype holds (by way of float32 to those of 16 bits), given as float64."""
    x = np.asarray(x)
    if dtype == "bool":
        return x != 0
    if dtype in ("bfloat16", "float16"):
        x = x.astype(np.float32)
        return (to_bfloat16(x) if dtype == "bfloat16" else x.astype(np.float16)).astype(np.float64)
    wanted = np.dtype(dtype)
    if wanted.kind == "f":
        return x.astype(wanted).astype(np.float64)
    return to_integer(x, wanted) if x.dtype.kind == "f" else x.astype(wanted)


def clip(x, min=-np.inf, max=np.inf):
    """x limited to [min, max]; NaN stays."""
    if x.dtype.kind != "f":
        min, max = (to_integer(np.float64(bound), x.dtype) for bound in (min, max))
    return np.minimum(np.maximum(x, min), max)


def where(condition, a, b):
    """a where the condition is not 0, else b."""
    return np.where(condition != 0, a, b)


_BITS = {
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
    "left_shift": np.left_shift,
    "right_shift": np.right_shift,
    "gcd": np.gcd,
}


def bitwise(a, b, function="and"):
    """Bits of whole numbers. Shifts by no less than the width, and by negative numbers, leave nothing but the
    sign. Bools are the numbers 0 and 1, and what is not 0 is true."""
    if a.dtype == bool:
        return _BITS[function](a.astype(np.uint8), b.astype(np.uint8)) != 0
    return _BITS[function](a, b)


def _keep(function):
    """NumPy makes larger integers of some small ones; ops do not."""
    return lambda x: function(x).astype(x.dtype)


UNARY = {
    "negative": np.negative,
    "abs": np.abs,
    "sign": _keep(np.sign),
    "square": np.square,
    "exp": np.exp,
    "log": np.log,
    "log1p": np.log1p,
    "sqrt": np.sqrt,
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "reciprocal": lambda x: 1 / x,
    "floor": np.floor,
    "ceil": np.ceil,
    "round": np.rint,
    "sin": np.sin,
    "cos": np.cos,
    "relu": lambda x: np.maximum(x, x.dtype.type(0)),
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "softplus": softplus,
    "erf": erf,
    "isnan": lambda x: x != x,
    "isfinite": np.isfinite,
    "logical_not": lambda x: x == 0,
}

BINARY = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.true_divide,
    "divide_no_nan": divide_no_nan,
    "floor_divide": np.floor_divide,
    "mod": np.mod,
    "power": power,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "equal": np.equal,
    "not_equal": np.not_equal,
    "less": np.less,
    "less_equal": np.less_equal,
    "greater": np.greater,
    "greater_equal": np.greater_equal,
    "logical_and": lambda a, b: (a != 0) & (b != 0),
    "logical_or": lambda a, b: (a != 0) | (b != 0),
}

OPS = {**UNARY, **BINARY, "where": where, "clip": clip, "cast": cast, "bitwise": bitwise}
