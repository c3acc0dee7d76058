"""Numbers at equal distances or ratios, under the names of ``keras.ops``."""

import numpy as np

from ..core import dtypes
from ..core.dispatch import is_symbolic, operation
from ..core.variable import Variable
from .numpy import absolute, add, exp, log, multiply, sign, subtract
from .promotion import dtype_of, promoted_tensors, tensor
from .shapes import expand_dims


def _result_dtype(start, stop, dtype):
    return dtypes.standardize_dtype(dtype or dtypes.result_type(dtype_of(start), dtype_of(stop), "float"))


def _recorded(*ends):
    return any(is_symbolic(x) or (isinstance(x, Variable) and is_symbolic(x.value)) for x in ends)


def _as_float64(*ends):
    return [np.asarray(x).astype("float64") for x in ends]


def _spread(start, stop, num, endpoint, axis):
    """``num`` steps from start to stop while recording, along a new axis."""
    start, stop = promoted_tensors(start, stop, at_least="float")
    spread = add(start, subtract(stop, start))  # of which only the shape is read
    rank = len(spread.shape)
    place = axis % (rank + 1)
    share = np.linspace(0, 1, num, endpoint).reshape([-1 if i == place else 1 for i in range(rank + 1)])
    start, stop = (expand_dims(_of_rank(x, rank), place) for x in (start, stop))
    share = share.astype(str(start.dtype))
    return add(multiply(start, 1 - share), multiply(stop, share))


def _of_rank(x, rank):
    missing = rank - len(x.shape)
    return expand_dims(x, tuple(range(missing))) if missing else x


@operation
def linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0):
    """``num`` evenly spaced numbers from ``start`` to ``stop``, which broadcast, along a new axis; with
    ``retstep`` their distance too.
    """
    dtype = _result_dtype(start, stop, dtype)
    if _recorded(start, stop):
        values = tensor(_spread(start, stop, num, endpoint, axis), dtype)
        step = multiply(subtract(stop, start), 1 / max(num - bool(endpoint), 1))
    else:
        first, last = _as_float64(start, stop)
        values, step = np.linspace(first, last, num, endpoint, retstep=True, axis=axis)
        values = values.astype(dtypes.numpy_dtype(dtype))
    return (values, tensor(step, dtype)) if retstep else values


@operation
def logspace(start, stop, num=50, endpoint=True, base=10, dtype=None, axis=0):
    """``base`` to the power of ``linspace`` of the same arguments."""
    dtype = _result_dtype(start, stop, dtype)
    if _recorded(start, stop):
        exponents = _spread(start, stop, num, endpoint, axis)
        return tensor(exp(multiply(exponents, float(np.log(base)))), dtype)
    first, last = _as_float64(start, stop)
    values = np.logspace(first, last, num, endpoint, base, axis=axis)
    return values.astype(dtypes.numpy_dtype(dtype))


@operation
def geomspace(start, stop, num=50, endpoint=True, dtype=None, axis=0):
    """Numbers with equal ratios from ``start`` to ``stop``, along a new axis."""
    dtype = _result_dtype(start, stop, dtype)
    if _recorded(start, stop):
        exponents = _spread(log(absolute(start)), log(absolute(stop)), num, endpoint, axis)
        sense = _spread(sign(start), sign(stop), num, endpoint, axis)
        return tensor(multiply(exp(exponents), sense), dtype)
    first, last = _as_float64(start, stop)
    values = np.geomspace(first, last, num, endpoint, axis=axis)
    return values.astype(dtypes.numpy_dtype(dtype))


__all__ = ["geomspace", "linspace", "logspace"]
