"""Keras's ``backend`` module: the settings under their traditional names, and the session."""

from .config import (
    epsilon,
    floatx,
    image_data_format,
    set_epsilon,
    set_floatx,
    set_image_data_format,
)
from .core import dtypes as _dtypes
from .core import naming as _naming
from .core.dtypes import result_type, standardize_dtype
from .core.keras_tensor import is_keras_tensor
from .core.session import clear_session
from .core.variable import Variable


def backend():
    """The name of the engine, ``"convcore"``."""
    return "convcore"


def get_uid(prefix=""):
    """How often this has been called with ``prefix``, from 1 on."""
    return _naming.next_number(prefix)


def is_float_dtype(dtype):
    """Whether a dtype is one of floats."""
    return _dtypes.is_float(standardize_dtype(dtype))


def is_int_dtype(dtype):
    """Whether a dtype is one of whole numbers."""
    return _dtypes.is_integer(standardize_dtype(dtype))


__all__ = [
    "Variable",
    "backend",
    "clear_session",
    "epsilon",
    "get_uid",
    "floatx",
    "image_data_format",
    "is_float_dtype",
    "is_int_dtype",
    "is_keras_tensor",
    "result_type",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
    "standardize_dtype",
]
