"""Arrays made from a shape or like another tensor, under the names of ``keras.ops``.

What needs no tensor to begin with is a NumPy array at once, also while recording: a graph takes it as a
constant.
"""

import numpy as np

from ..core import dtypes
from ..core.dispatch import apply, operation
from .promotion import dtype_of, tensor


def _numpy_dtype(dtype):
    return dtypes.numpy_dtype(dtypes.standardize_dtype(dtype))


def zeros(shape, dtype=None):
    """An array of zeros. ``dtype``: ``floatx()`` by default."""
    return np.zeros(shape, _numpy_dtype(dtype))


def ones(shape, dtype=None):
    """An array of ones. ``dtype``: ``floatx()`` by default."""
    return np.ones(shape, _numpy_dtype(dtype))


def full(shape, fill_value, dtype=None):
    """An array filled with ``fill_value``, which may be an array that broadcasts. ``dtype``: ``floatx()``
    by default."""
    return np.full(shape, fill_value, _numpy_dtype(dtype))


def eye(N, M=None, k=0, dtype=None):
    """A matrix (N, M), M being N by default, with ones on its ``k``-th diagonal and zeros elsewhere."""
    return np.eye(N, M, k, _numpy_dtype(dtype))


def arange(start, stop=None, step=None, dtype=None):
    """Numbers from ``start`` up to ``stop``, which is left out, ``step`` (1 by default) apart; one argument
    alone is ``stop``. Concrete also while recording. ``dtype``: by default what the arguments combine to."""
    start, stop, step = (0, start, step) if stop is None else (start, stop, step)
    step = 1 if step is None else step
    default = dtypes.result_type(*map(dtype_of, (start, stop, step)))
    return np.arange(start, stop, step).astype(_numpy_dtype(dtype or default))


@operation
def full_like(x, fill_value, dtype=None):
    """A tensor of the shape of ``x`` filled with ``fill_value``, which may be a tensor that broadcasts.
    ``dtype``: by default that of ``x``."""
    x = tensor(x)
    dtype = str(x.dtype) if dtype is None else dtypes.standardize_dtype(dtype)
    return apply("broadcast_like", tensor(fill_value, dtype), x)


@operation
def zeros_like(x, dtype=None):
    """Zeros of the shape of ``x`` and, by default, of its dtype."""
    return full_like(x, 0, dtype)


@operation
def ones_like(x, dtype=None):
    """Ones of the shape of ``x`` and, by default, of its dtype."""
    return full_like(x, 1, dtype)


__all__ = ["arange", "eye", "full", "full_like", "ones", "ones_like", "zeros", "zeros_like"]
