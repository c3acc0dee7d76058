"""Conversions and slicing: ``convcore.ops.cast`` and its neighbours."""

import operator

import numpy as np

from ..core import dtypes
from ..core.arrays import as_array
from ..core.dispatch import apply, operation
from ..core.keras_tensor import KerasTensor
from ..core.trace import Tensor
from ..core.variable import Variable
from .promotion import refuse_sparse, tensor

_END = 2**63 - 1


@operation
def cast(x, dtype):
    """``x`` in another dtype."""
    return tensor(x, dtypes.standardize_dtype(dtype))


def convert_to_tensor(x, dtype=None, sparse=None, ragged=None):
    """``x`` as something the ops take: an array, a recorded tensor or a symbolic one."""
    if sparse or ragged:
        refuse_sparse("convert_to_tensor", sparse=sparse, ragged=ragged)
    dtype = None if dtype is None else dtypes.standardize_dtype(dtype)
    if isinstance(x, KerasTensor):
        return x if dtype in (None, x.dtype) else cast(x, dtype)
    if type(x) is Tensor or isinstance(x, Variable) or dtypes.is_half(dtype):
        return tensor(x, dtype)
    return as_array(x, "convert_to_tensor", dtype)


def convert_to_numpy(x):
    """The values of ``x`` as a NumPy array."""
    if type(x) is Tensor or isinstance(x, KerasTensor):
        raise ValueError(f"convert_to_numpy: {x!r} is symbolic and has no values")
    return x.numpy() if isinstance(x, Variable) else np.asarray(x)


def shape(x):
    """The shape as a tuple; None where it is not known while recording."""
    return tuple(x.shape) if hasattr(x, "shape") else np.shape(x)


def is_tensor(x):
    """Whether ``x`` is an array, a recorded or a symbolic tensor."""
    return isinstance(x, (np.ndarray, Tensor, KerasTensor))


@operation
def stop_gradient(variable):
    """``variable`` as a constant for differentiation."""
    return apply("stop_gradient", tensor(variable))


@operation
def slice(inputs, start_indices, shape):
    """The block of the given ``shape`` that begins at ``start_indices``; a size of -1 reaches to the end.

    Start indices that are a tensor of the recording are moved back where the block would stand over, and the
    sizes must be known.
    """
    x = tensor(inputs)
    if len(shape) != len(x.shape):
        raise ValueError(
            f"slice: The number of dimensions in `inputs` must match the number of dimensions in `shape`: "
            f"received inputs of shape {tuple(x.shape)} and shape={tuple(shape)}"
        )
    if type(start_indices) is Tensor:
        return _slice_at(x, start_indices, [int(n) for n in shape])
    begin = [int(i) for i in start_indices]
    if len(begin) != len(x.shape):
        raise ValueError(
            "slice: The number of dimensions in `start_indices` must match the number of dimensions in "
            f"`inputs`: received {begin} for inputs of shape {tuple(x.shape)}"
        )
    end = [_END if n == -1 else b + int(n) for b, n in zip(begin, shape, strict=False)]
    return apply("slice", x, begin=begin, end=end, strides=[1] * len(begin))


def _slice_at(x, start_indices, sizes):
    """The block at places that are known when the graph runs: one axis after another."""
    if -1 in sizes or None in x.shape:
        raise ValueError(
            f"slice: with start indices of a recording expected known sizes; received shape={sizes} for "
            f"inputs of shape {tuple(x.shape)}"
        )
    for axis, size in enumerate(sizes):
        places = place_in(start_indices, axis, x.shape[axis] - size)
        x = apply("take", x, apply("add", places, np.arange(size, dtype="int32")), axis=axis)
    return x


def place_in(start_indices, axis, last):
    """The start index of one axis, limited to 0 .. ``last``."""
    start = apply("slice", tensor(start_indices, "int32"), begin=[axis], end=[axis + 1], strides=[1])
    return apply("clip", start, min=0.0, max=float(last))


@operation
def get_item(x, key):
    """Basic indexing: integers, slices, ``...``, None, and one array of integers."""
    x = tensor(x)
    if isinstance(key, (np.ndarray, Tensor)):
        return apply("take", x, tensor(key), axis=0)
    # A list is a tuple, as in Keras: saved models hold keys as lists.
    keys = list(key) if isinstance(key, (tuple, list)) else [key]
    keys = _expand_ellipsis(keys, len(x.shape))
    indexed = [k for k in keys if k is not None]
    begin, end, strides = (
        (list(items) for items in zip(*map(_bounds, indexed), strict=False)) if indexed else ([], [], [])
    )
    if any(bounds != (0, _END, 1) for bounds in zip(begin, end, strides, strict=False)):
        x = apply("slice", x, begin=begin, end=end, strides=strides)
    squeezed = [axis for axis, k in enumerate(indexed) if not isinstance(k, builtin_slice)]
    if squeezed:
        x = apply("squeeze", x, axes=squeezed)
    kept = [k for k in keys if k is None or isinstance(k, builtin_slice)]
    for axis, k in enumerate(kept):
        if k is None:
            x = apply("expand_dims", x, axis=axis)
    return x


builtin_slice = type(np.s_[:])


def _expand_ellipsis(keys, rank):
    count = sum(k is not None and k is not Ellipsis for k in keys)
    if count > rank or sum(k is Ellipsis for k in keys) > 1:
        raise ValueError(f"indexing: expected at most {rank} indices and one '...'; received {keys}")
    fill = [builtin_slice(None)] * (rank - count)
    if Ellipsis in [k if k is Ellipsis else None for k in keys]:
        position = [k is Ellipsis for k in keys].index(True)
        return keys[:position] + fill + keys[position + 1 :]
    return keys + fill


def _bounds(key):
    if isinstance(key, builtin_slice):
        step = 1 if key.step is None else operator.index(key.step)
        begin = key.start if key.start is not None else (0 if step > 0 else _END)
        end = key.stop if key.stop is not None else (_END if step > 0 else -_END - 1)
        return operator.index(begin), operator.index(end), step
    try:
        index = operator.index(key)
    except TypeError:
        raise ValueError(f"indexing: expected integers, slices, '...' or None; received {key!r}") from None
    return index, _END if index == -1 else index + 1, 1
