"""The shapes and dtypes of what a function makes of symbolic tensors."""

import contextlib

import numpy as np

from . import tree
from .arrays import as_array
from .keras_tensor import KerasTensor
from .masks import get_keras_mask, set_keras_mask
from .trace import Tensor, Trace
from .variable import Variable

# Pairs of sizes for what is unknown: what comes out different is unknown too. First those of Keras, which no
# other size equals by chance, then such as can be divided, for code that takes a batch apart, then small
# ones, for code that fills up to a size.
_TRIAL_SIZES = ((83, 89), (840, 1680), (2, 3))


def output_spec(fn, *args, **kwargs):
    """The outputs of ``fn`` as KerasTensors, found by recording it on a scratch graph with the KerasTensors
    as inputs. Where that fails for unknown sizes, pairs of sizes are tried instead.
    """
    try:
        return _recorded_spec(fn, args, kwargs, None)
    except Exception as error:
        given = [x for x in tree.flatten([args, kwargs]) if isinstance(x, KerasTensor)]
        if all(None not in x.shape for x in given):
            raise
        for sizes in _TRIAL_SIZES:
            with contextlib.suppress(Exception):
                first, second = (_recorded_spec(fn, args, kwargs, size) for size in sizes)
                return tree.map_structure(_common_spec, first, second)
        raise error from None


def _common_spec(first, second):
    if isinstance(first, KerasTensor):
        first.shape = tuple(n if n == m else None for n, m in zip(first.shape, second.shape, strict=True))
        if (mask := get_keras_mask(first)) is not None:
            _common_spec(mask, get_keras_mask(second))
    return first


def _recorded_spec(fn, args, kwargs, unknown):
    seen = {}
    with Trace() as trace:

        def as_input(x):
            if not isinstance(x, KerasTensor):
                return x
            if id(x) not in seen:
                shape = [unknown if n is None else n for n in x.shape]
                value = seen[id(x)] = trace.input(x.dtype, shape, x.name)
                if (mask := get_keras_mask(x)) is not None:
                    set_keras_mask(value, as_input(mask))
            return seen[id(x)]

        args, kwargs = tree.map_structure(as_input, (list(args), kwargs))
        return tree.map_structure(_spec, fn(*args, **kwargs))


def _spec(x):
    if type(x) is Tensor or isinstance(x, Variable):
        spec = KerasTensor(x.shape, x.dtype)
        if (mask := get_keras_mask(x)) is not None:
            set_keras_mask(spec, _spec(mask))
        return spec
    if isinstance(x, (np.ndarray, np.generic, int, float)):
        x = as_array(x, "output")
        return KerasTensor(x.shape, x.dtype.name)
    return x
