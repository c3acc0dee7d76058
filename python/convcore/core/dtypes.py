"""Names of element types, and what type an operation on several of them computes in.

bfloat16 is not a type of NumPy's: arrays of it are those of the package ``ml_dtypes``, which is used where
it is installed and needed for variables of that type. Without it results that are bfloat16 come as float32
arrays, rounded all the same.
"""

import numpy as np

from .. import _core, config

FLOATS = ("float16", "bfloat16", "float32", "float64")
SUPPORTED = ("bool", "uint8", "int32", "uint32", "int64", *FLOATS)
# What other NumPy types are read as.
_WIDENED = {"int8": "int32", "int16": "int32", "uint16": "int32", "uint64": "int64"}
_RANK = {
    "bool": 0,
    "int": 0.5,
    "uint8": 1,
    "int32": 2,
    "uint32": 3,
    "int64": 4,
    "float": 5,
    "float16": 6,
    "bfloat16": 6,
    "float32": 7,
    "float64": 8,
}
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
        name = str(dtype)
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


def at_least_float32(name):
    """The float type that sums and statistics of such values are made in: float32 for the half types."""
    return "float32" if is_half(name) else name


def is_integer(name):
    return name in ("uint8", "int32", "uint32", "int64", "int")


def result_type(*dtypes):
    """The dtype in which values of these dtypes combine.

    Integers with floats give the float; equal kinds give the wider, float16 and bfloat16 give float32;
    ``"int"`` and ``"float"`` stand for Python numbers, which take the other operand's type where their kind
    allows it.
    """
    names = [_standard_or_weak(dtype) for dtype in dtypes]
    floats = [name for name in names if is_float(name)]
    if floats:
        widest = max(floats, key=_RANK.__getitem__)
        if is_half(widest) and "float16" in floats and "bfloat16" in floats:
            return "float32"
        return config.floatx() if widest == "float" else widest
    widest = max(names, key=_RANK.__getitem__)
    if widest == "int":
        return "int32"
    if widest == "uint32" and "int32" in names:
        return "int64"
    return widest


def _standard_or_weak(dtype):
    if dtype is int or dtype == "int":
        return "int"
    if dtype is float or dtype == "float":
        return "float"
    return standardize_dtype(dtype)
