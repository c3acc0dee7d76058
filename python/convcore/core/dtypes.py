"""Names of element types, and what type an operation on several of them computes in.

bfloat16 is not a type of NumPy's: arrays of it are those of the package ``ml_dtypes``, which is used where
it is installed and needed for variables of that type. Without it results that are bfloat16 come as float32
arrays, rounded all the same.
"""

import math

import numpy as np

from .. import _core, config

FLOATS = ("float16", "bfloat16", "float32", "float64")
_UNSIGNED = {"uint8": 8, "uint16": 16, "uint32": 32}
_SIGNED = {"int8": 8, "int16": 16, "int32": 32, "int64": 64}
INTEGERS = (*_UNSIGNED, *_SIGNED)
SUPPORTED = ("bool", *INTEGERS, *FLOATS)
# What other NumPy types are read as.
_WIDENED = {"uint64": "int64"}
_FLOAT_RANK = {"float": 0, "float16": 1, "bfloat16": 1, "float32": 2, "float64": 3}
_NAMES = {np.dtype(name): name for name in SUPPORTED if name != "bfloat16"}
_NUMPY = {name: dtype for dtype, name in _NAMES.items()}


def standardize_dtype(dtype):
    """The name of a supported dtype given as name, NumPy dtype or Python type; None means floatx."""
    if type(dtype) is str and dtype in SUPPORTED:
        if dtype == "bfloat16":
            _core.has_bfloat16()  # from now on NumPy knows the name, if it can
        return dtype
    if dtype is None or dtype is float or dtype == "float":
        return config.floatx()
    if dtype is int or dtype == "int":
        return "int32"
    if dtype is bool:
        return "bool"
    if isinstance(name := getattr(dtype, "name", None), str) and name in SUPPORTED:
        return name
    try:
        name = np.dtype(dtype).name
    except TypeError:
        name = str(dtype).rpartition(".")[-1]  # other libraries' types: torch.float32
    if name not in SUPPORTED:
        raise ValueError(f"dtype: expected one of {SUPPORTED}; received {dtype!r}")
    return name


def numpy_dtype(name):
    """The NumPy dtype of a supported name; ValueError for bfloat16 without the package that has it."""
    if name == "bfloat16" and name not in _NUMPY:
        if not _core.has_bfloat16():
            raise ValueError(
                "dtype: expected the package ml_dtypes, which gives NumPy the type bfloat16; there is none. "
                "Install it (pip install ml_dtypes), or use 'mixed_bfloat16', whose variables are float32."
            )
        _NUMPY[name] = np.dtype(name)
        _NAMES[_NUMPY[name]] = name
    return _NUMPY[name]


def name_of(dtype):
    """The supported name of a NumPy dtype, or None."""
    name = _NAMES.get(dtype)
    return "bfloat16" if name is None and getattr(dtype, "name", None) == "bfloat16" else name


def widened(dtype):
    """The supported name in which values of a NumPy dtype are read; None if it holds no real numbers."""
    return name_of(dtype) or _WIDENED.get(dtype.name)


def is_float(name):
    return name in FLOATS or name == "float"


def is_half(name):
    return name in ("float16", "bfloat16")


def float_limits(name):
    """(lowest, largest) finite number of a float type."""
    if name == "bfloat16":
        largest = (2 - 2**-7) * 2.0**127
        return -largest, largest
    limits = np.finfo(name)
    return float(limits.min), float(limits.max)


def largest_below(name, value):
    """The largest number of a half type that is less than ``value``, which must not be tiny."""
    if value == 0:
        return -(2.0**-24)
    part, exponent = math.frexp(value)
    unit = 2.0 ** (exponent - (11 if name == "float16" else 8))
    if part == 0.5:
        unit /= 2  # numbers lie closer below a power of two
    return (math.ceil(value / unit) - 1) * unit


def at_least_float32(name):
    """The float type that sums and statistics of such values are made in: float32 for the half types."""
    return "float32" if is_half(name) else name


def is_integer(name):
    return name in INTEGERS or name == "int"


def result_type(*dtypes):
    """The dtype in which values of these dtypes combine.

    Integers with floats give the float; equal kinds give the wider, float16 and bfloat16 give float32; a
    signed and an unsigned integer give a signed one that holds both, of 32 bits at most unless an operand has
    64. ``"int"`` and ``"float"`` stand for Python numbers, which take the other operand's type where their
    kind allows it.
    """
    names = {_standard_or_weak(dtype) for dtype in dtypes} or {config.floatx()}
    floats = [name for name in names if is_float(name)]
    if not floats:
        return _integer_result(names)
    widest = max(floats, key=_FLOAT_RANK.__getitem__)
    if is_half(widest) and {"float16", "bfloat16"} <= names:
        return "float32"
    return config.floatx() if widest == "float" else widest


def _integer_result(names):
    unsigned = max((_UNSIGNED[name] for name in names if name in _UNSIGNED), default=0)
    signed = max((_SIGNED[name] for name in names if name in _SIGNED), default=0)
    if unsigned and signed:
        signed = max(signed, min(2 * unsigned, 32))
    if signed:
        return f"int{signed}"
    return f"uint{unsigned}" if unsigned else "int32" if "int" in names else "bool"


def _standard_or_weak(dtype):
    if dtype is int or dtype == "int":
        return "int"
    if dtype is float or dtype == "float":
        return "float"
    return standardize_dtype(dtype)
