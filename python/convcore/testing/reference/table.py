"""What each op of the core computes, by its name."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from . import (
    activations,
    arrays,
    convolution,
    elementwise,
    images,
    normalization,
    pooling,
    programs,
    randomness,
    reductions,
)

_MODULES = (
    arrays,
    elementwise,
    programs,
    convolution,
    reductions,
    activations,
    pooling,
    images,
    normalization,
    randomness,
)


def exact(x):
    """An array as it is computed with: floats of any size as float64, others as they are; None stays."""
    if x is None:
        return None
    x = np.asarray(x)
    return x if x.dtype.kind in "biu" else x.astype(np.float64)


def _op(function):
    """Takes arrays of any dtype, and is silent about what is infinite or not a number."""

    @functools.wraps(function)
    def run(*inputs, **attributes):
        with np.errstate(all="ignore"):
            return function(*map(exact, inputs), **attributes)

    return run


# Name of an op -> function of its inputs, as arrays, and of its attributes by name. Floats are float64, and
# so are results; integers and bools keep their dtype. Ops of several results give a tuple of them.
OPS: dict[str, Callable[..., Any]] = {
    name: _op(function) for module in _MODULES for name, function in module.OPS.items()
}
