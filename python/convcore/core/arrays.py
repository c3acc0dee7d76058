"""The one way arrays from outside come in: checked, contiguous, of a supported type."""

import numpy as np

from .. import config
from . import dtypes


def is_array_like(x):
    """Whether ``x`` is an array, or turns into one by itself (tensors of every kind do)."""
    return hasattr(x, "__array__") and not isinstance(x, type)


def as_array(x, where, dtype=None, finite=False, keep_float64=False):
    """``x`` as a C-contiguous NumPy array of a supported dtype, without a copy where it already is one.

    float64 becomes floatx unless kept; small integers are widened; ``dtype`` asks for one type. Objects, text
    and complex numbers are refused with a ValueError that begins with ``where``; with ``finite`` NaN and
    infinities are refused too.
    """
    if type(x) is not np.ndarray:
        x = _to_numpy(x, where)
    wanted = dtype or _target(x, where, keep_float64)
    if dtypes.widened(x.dtype) is None:
        _refuse(x, where)
    if dtypes.name_of(x.dtype) != wanted:
        x = x.astype(dtypes.numpy_dtype(wanted))
    if not x.flags.c_contiguous:
        x = np.ascontiguousarray(x)
    if finite and dtypes.is_float(wanted) and not np.isfinite(x).all():
        raise ValueError(
            f"{where}: expected finite numbers; received NaN or infinite values in an array of shape "
            f"{x.shape}"
        )
    return x


def _target(x, where, keep_float64):
    if x.dtype == np.float64 and not keep_float64:
        return config.floatx()
    if (name := dtypes.widened(x.dtype)) is None:
        _refuse(x, where)
    return name


def _to_numpy(x, where):
    try:
        array = np.asarray(x)
        if array.dtype == np.int64 and isinstance(x, (list, tuple)) and _begins_with_int(x):
            # Python's whole numbers are int32, as in Keras, where they fit
            narrow = array.astype(np.int32)
            return narrow if np.array_equal(narrow, array) else array
        return array
    except ValueError as error:
        raise ValueError(f"{where}: expected an array of numbers; received {_short(x)} ({error})") from None


def _begins_with_int(x):
    while isinstance(x, (list, tuple)) and len(x):
        x = x[0]
    return isinstance(x, int)


def _refuse(x, where):
    raise ValueError(
        f"{where}: expected an array of real numbers; received an array of dtype {x.dtype} and shape "
        f"{x.shape}. "
        "Convert it, e.g. with np.asarray(x, dtype='float32')."
    )


def _short(x):
    text = repr(x)
    return text if len(text) < 60 else f"{text[:57]}..."
