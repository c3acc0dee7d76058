"""Names of element types, and what type an operation on several of them computes in."""

import numpy as np

from .. import config

SUPPORTED = ("bool", "uint8", "int32", "uint32", "int64", "float32", "float64")
# What other NumPy types are read as.
_WIDENED = {"int8": "int32", "int16": "int32", "uint16": "int32", "uint64": "int64", "float16": "float32"}
_RANK = {
    "bool": 0,
    "int": 0.5,
    "uint8": 1,
    "int32": 2,
    "uint32": 3,
    "int64": 4,
    "float": 5,
    "float32": 6,
    "float64": 7,
}
_NAMES = {np.dtype(name): name for name in SUPPORTED}
_NUMPY = {name: np.dtype(name) for name in SUPPORTED}


def standardize_dtype(dtype):
    """The name of a supported dtype given as name, NumPy dtype or Python type; None means floatx."""
    if type(dtype) is str and dtype in _NUMPY:
        return dtype
    if dtype is None or dtype is float or dtype == "float":
        return config.floatx()
    if dtype is int or dtype == "int":
        return "int32"
    if dtype is bool:
        return "bool"
    if isinstance(name := getattr(dtype, "name", None), str) and name in _NUMPY:
        return name
    try:
        name = np.dtype(dtype).name
    except TypeError:
        name = str(dtype)
    if name not in SUPPORTED:
        raise ValueError(f"dtype: expected one of {SUPPORTED}; received {dtype!r}")
    return name


def numpy_dtype(name):
    """The NumPy dtype of a supported name."""
    return _NUMPY[name]


def name_of(dtype):
    """The supported name of a NumPy dtype, or None."""
    return _NAMES.get(dtype)


def widened(dtype):
    """The supported name in which values of a NumPy dtype are read; None if it holds no real numbers."""
    return _NAMES.get(dtype) or _WIDENED.get(dtype.name)


def is_float(name):
    return name in ("float32", "float64", "float")


def is_integer(name):
    return name in ("uint8", "int32", "uint32", "int64", "int")


def result_type(*dtypes):
    """The dtype in which values of these dtypes combine.

    Integers with floats give the float; equal kinds give the wider; ``"int"`` and ``"float"`` stand for
    Python numbers, which take the other operand's type where their kind allows it.
    """
    names = [_standard_or_weak(dtype) for dtype in dtypes]
    floats = [name for name in names if is_float(name)]
    if floats:
        widest = max(floats, key=_RANK.__getitem__)
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
