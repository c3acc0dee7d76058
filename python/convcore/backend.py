"""Keras's ``backend`` module: the settings under their traditional names, and the session."""

from .config import (
    epsilon,
    floatx,
    image_data_format,
    set_epsilon,
    set_floatx,
    set_image_data_format,
)
from .core.dtypes import result_type, standardize_dtype
from .core.keras_tensor import is_keras_tensor
from .core.session import clear_session
from .core.variable import Variable


def backend():
    """The name of the engine, ``"convcore"``."""
    return "convcore"


__all__ = [
    "Variable",
    "backend",
    "clear_session",
    "epsilon",
    "floatx",
    "image_data_format",
    "is_keras_tensor",
    "result_type",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
    "standardize_dtype",
]
