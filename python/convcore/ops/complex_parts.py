"""Functions of complex numbers, for the real ones that tensors hold, under the names of ``keras.ops``."""

import math

import numpy as np

from ..core.dispatch import operation
from .angles import signbit
from .creation import ones_like, zeros_like
from .numpy import isnan, where
from .promotion import float_tensor, tensor


@operation
def real(x):
    """The real part of ``x``: itself."""
    return tensor(x)


@operation
def imag(x):
    """The imaginary part of ``x``: zeros."""
    return zeros_like(x)


@operation
def conjugate(x):
    """``x``, for it is real."""
    return tensor(x)


@operation
def conj(x):
    """``x``, for it is real."""
    return tensor(x)


@operation
def isreal(x):
    """Whether the imaginary part is 0: everywhere."""
    return ones_like(x, "bool")


@operation
def angle(x):
    """0, and pi where the sign is negative; NaN stays."""
    x = float_tensor(x)
    result = where(signbit(x), np.asarray(math.pi, str(x.dtype)), np.zeros((), str(x.dtype)))
    return where(isnan(x), x, result)


__all__ = ["angle", "conj", "conjugate", "imag", "isreal", "real"]
