"""Functions of bits and whole numbers, and those whose results have sizes that depend on the values, which
work on arrays, not inside recorded functions.
"""

import math

import numpy as np

from ..core import dtypes
from ..core.dispatch import apply, is_symbolic, operation
from .creation import zeros_like
from .numpy import absolute, floor_divide, maximum, multiply, subtract, where
from .promotion import dtype_of, numeric_tensor, promoted_tensors, tensor


def _arrays(name, *xs, same=True):
    """The operands as arrays of one dtype; ValueError for tensors that have no values yet."""
    if any(is_symbolic(x) for x in xs):
        raise ValueError(
            f"{name}: expected arrays; it cannot be recorded, because it is not part of any graph"
        )
    if not same:
        return [np.asarray(tensor(x)) for x in xs]
    dtype = dtypes.result_type(*[dtype_of(x) for x in xs])
    return [np.asarray(tensor(x, dtype)) for x in xs]


def _of_bits(function, x, y):
    """One function of two whole numbers (bools too) after promotion and broadcasting."""
    x, y = promoted_tensors(x, y)
    both = apply("equal", x, y)  # of which only the shape is read
    return apply("bitwise", *(apply("broadcast_like", v, both) for v in (x, y)), function=function)


@operation
def bitwise_and(x, y):
    """The bits that are set in both integers."""
    return _of_bits("and", x, y)


@operation
def bitwise_or(x, y):
    """The bits that are set in either integer."""
    return _of_bits("or", x, y)


@operation
def bitwise_xor(x, y):
    """The bits that are set in exactly one of both integers."""
    return _of_bits("xor", x, y)


@operation
def bitwise_invert(x):
    """Every bit turned: -x - 1 for signed integers, `not` for bools."""
    x = tensor(x)
    name = str(x.dtype)
    if name == "bool":
        return apply("logical_not", x)
    return _of_bits("xor", x, np.asarray(np.iinfo(name).max if name.startswith("u") else -1, name))


@operation
def bitwise_not(x):
    """Every bit turned, as `bitwise_invert`."""
    return bitwise_invert(x)


@operation
def bitwise_left_shift(x, y):
    """x times 2 to the power y: its bits moved up by y places."""
    return _of_bits("left_shift", x, y)


@operation
def left_shift(x, y):
    """The bits of x moved up by y places, as `bitwise_left_shift`."""
    return bitwise_left_shift(x, y)


@operation
def bitwise_right_shift(x, y):
    """x divided by 2 to the power y, rounded down: its bits moved down by y places."""
    return _of_bits("right_shift", x, y)


@operation
def right_shift(x, y):
    """The bits of x moved down by y places, as `bitwise_right_shift`."""
    return bitwise_right_shift(x, y)


@operation
def gcd(x1, x2):
    """The greatest common divisor of whole numbers."""
    return _of_bits("gcd", x1, x2)


@operation
def lcm(x1, x2):
    """The least common multiple of whole numbers; 0 where one of them is 0."""
    x1, x2 = (absolute(x) for x in promoted_tensors(x1, x2))
    divisor = gcd(x1, x2)
    return multiply(floor_divide(x1, maximum(divisor, 1)), x2)


def nextafter(x1, x2):
    """The next floating-point number after ``x1`` in the direction of ``x2``."""
    dtype = dtypes.result_type(dtype_of(x1), dtype_of(x2), "float")
    return np.nextafter(*_arrays("nextafter", tensor(x1, dtype), tensor(x2, dtype)))


def view(x, dtype=None):
    """The bytes of ``x`` as elements of another dtype."""
    (x,) = _arrays("view", x)
    if dtype is None:
        return x
    dtype = dtypes.numpy_dtype(dtypes.standardize_dtype(dtype))
    if x.ndim == 0 and x.itemsize != dtype.itemsize:
        raise ValueError(f"view: expected an axis to widen or narrow; received a number of dtype {x.dtype}")
    return x.view(dtype)


def nonzero(x):
    """For each axis the int32 positions of the elements that are not 0."""
    return tuple(places.astype("int32") for places in np.nonzero(_arrays("nonzero", x)[0]))


def unique(
    x,
    sorted=True,
    return_index=False,
    return_inverse=False,
    return_counts=False,
    axis=None,
    size=None,
    fill_value=None,
):
    """The different elements (or slices along ``axis``) in ascending order, every NaN for itself.

    ``size`` cuts the result to so many, or fills it up with ``fill_value`` (0 by default).
    """
    (x,) = _arrays("unique", x)
    found = np.unique(x, return_index, return_inverse, return_counts, axis, equal_nan=False)
    values, *others = found if isinstance(found, tuple) else (found,)
    others = [other.astype("int32") for other in others]
    if size is not None:
        values = _sized(values, size, 0 if fill_value is None else fill_value, axis or 0)
        if return_counts:
            others[-1] = _sized(others[-1], size, 0, 0)
        if return_index:
            others[0] = _sized(others[0], size, others[0][0] if len(others[0]) else 0, 0)
    return (values, *others) if others else values


def _sized(x, size, value, axis):
    x = np.take(x, np.arange(min(size, x.shape[axis])), axis)
    widths = [(0, 0)] * x.ndim
    widths[axis] = (0, size - x.shape[axis])
    return np.pad(x, widths, constant_values=value)


@operation
def unravel_index(indices, shape):
    """The coordinates of flat positions in a tensor of ``shape``, one tensor per axis."""
    indices = tensor(indices)
    size = math.prod(shape)
    rest = where(apply("less", indices, 0), apply("add", indices, size), indices)
    coordinates = []
    for n in list(shape)[:0:-1]:
        whole = floor_divide(rest, n)
        coordinates.append(subtract(rest, multiply(whole, n)))
        rest = whole
    return [rest, *coordinates[::-1]]


@operation
def fmod(x1, x2):
    """The rest of the division, with the sign of ``x1``."""
    x1, x2 = (numeric_tensor(x) for x in promoted_tensors(x1, x2))
    rest = apply("mod", apply("abs", x1), apply("abs", x2))
    return multiply(rest, apply("sign", x1))


@operation
def empty_like(x, dtype=None):
    """Zeros of the shape of ``x``; no array of this library has arbitrary contents."""
    return zeros_like(x, dtype)


@operation
def select(condlist, choicelist, default=0):
    """Elements of the first of ``choicelist`` whose condition holds, else ``default``."""
    result = default
    for condition, choice in zip(reversed(list(condlist)), reversed(list(choicelist)), strict=True):
        result = where(condition, choice, result)
    return result


__all__ = [
    "bitwise_and",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "empty_like",
    "fmod",
    "gcd",
    "lcm",
    "left_shift",
    "nextafter",
    "nonzero",
    "right_shift",
    "select",
    "unique",
    "unravel_index",
    "view",
]
