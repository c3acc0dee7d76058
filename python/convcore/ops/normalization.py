"""Normalisation over the axes of each sample, or by given statistics, under the names of ``keras.ops``."""

import math
import warnings

import numpy as np

from .. import config
from ..core.dispatch import apply, operation
from ..core.dtypes import at_least_float32
from .promotion import float_tensor, normalized_axes, tensor
from .reductions import mean


def _epsilon(epsilon):
    return config.epsilon() if epsilon is None else float(epsilon)


def _along(weight, axes, x):
    """``weight``, which has the sizes of ``axes``, in a shape that broadcasts against ``x``; one of another
    rank broadcasts by itself.
    """
    if len(weight.shape) != len(axes):
        return tensor(weight, str(x.dtype))
    shape = [1] * len(x.shape)
    for axis, size in zip(axes, weight.shape, strict=True):
        shape[axis] = size
    return apply("reshape", tensor(weight, str(x.dtype)), shape=shape)


def _normalised_rows(x, gamma, beta, axes, epsilon, center):
    """The last axes of ``x`` normalised by one op; None where ``axes`` are others, or of unknown size."""
    rank = len(x.shape)
    sizes = x.shape[rank - len(axes) :]
    own = all(w is None or tuple(w.shape) == tuple(sizes) for w in (gamma, beta))
    if axes != list(range(rank - len(axes), rank)) or None in sizes or not own:
        return None
    dtype, count = str(x.dtype), math.prod(sizes)

    def row(weight, default):
        if weight is None:
            return np.full(count, default, dtype)
        return apply("reshape", tensor(weight, dtype), shape=[count])

    settings = {"axes": len(axes), "epsilon": epsilon, "center": center}
    return apply("layer_norm", x, row(gamma, 1), row(beta, 0), **settings)


def scaled_by_deviation(x, gamma, axis, epsilon):
    """``x / sqrt(variance + epsilon) * gamma`` over ``axis``; the mean stays."""
    x = float_tensor(x)
    given, x = str(x.dtype), tensor(x, at_least_float32(str(x.dtype)))
    axes = sorted(normalized_axes(axis, len(x.shape), "layer_normalization"))
    deviation = apply("subtract", x, mean(x, axes, keepdims=True))
    variance = mean(apply("square", deviation), axes, keepdims=True)
    y = apply("multiply", x, apply("rsqrt", apply("add", variance, _epsilon(epsilon))))
    return tensor(y if gamma is None else apply("multiply", y, _along(gamma, axes, x)), given)


@operation
def layer_normalization(x, gamma=None, beta=None, axis=-1, epsilon=None, **kwargs):
    """``(x - mean) / sqrt(variance + epsilon) * gamma + beta``, mean and biased variance over ``axis``.

    ``rms_scaling=True``, which Keras deprecates, divides by the root of the variance alone: the mean stays.
    """
    rms_scaling = kwargs.pop("rms_scaling", False)
    if kwargs:
        raise ValueError(f"layer_normalization: expected no further arguments; received {sorted(kwargs)}")
    if rms_scaling:
        warnings.warn(
            "layer_normalization: You passed `rms_scaling=True`, which is deprecated. Use "
            "`rms_normalization` instead.",
            stacklevel=2,
        )
        return scaled_by_deviation(x, gamma, axis, epsilon)
    x = float_tensor(x)
    given, x = str(x.dtype), tensor(x, at_least_float32(str(x.dtype)))
    axes = sorted(normalized_axes(axis, len(x.shape), "layer_normalization"))
    rows = _normalised_rows(x, gamma, beta, axes, _epsilon(epsilon), True)
    if rows is not None:
        return tensor(rows, given)
    deviation = apply("subtract", x, mean(x, axes, keepdims=True))
    variance = mean(apply("square", deviation), axes, keepdims=True)
    y = apply("multiply", deviation, apply("rsqrt", apply("add", variance, _epsilon(epsilon))))
    if gamma is not None:
        y = apply("multiply", y, _along(gamma, axes, x))
    return tensor(y if beta is None else apply("add", y, _along(beta, axes, x)), given)


@operation
def rms_normalization(x, scale=None, axis=-1, epsilon=None):
    """``x / sqrt(mean(x * x) + epsilon) * scale``, the mean over ``axis``."""
    x = float_tensor(x)
    given, x = str(x.dtype), tensor(x, at_least_float32(str(x.dtype)))
    axes = sorted(normalized_axes(axis, len(x.shape), "rms_normalization"))
    rows = _normalised_rows(x, scale, None, axes, _epsilon(epsilon), False)
    if rows is not None:
        return tensor(rows, given)
    square = mean(apply("square", x), axes, keepdims=True)
    y = apply("multiply", x, apply("rsqrt", apply("add", square, _epsilon(epsilon))))
    return tensor(y if scale is None else apply("multiply", y, _along(scale, axes, x)), given)


def _check_vectors(size, axis, **vectors):
    """ValueError for a vector of another length than `size`."""
    for name, v in vectors.items():
        shape = np.shape(v)
        if v is not None and len(shape) == 1 and size is not None and shape[0] not in (None, 1, size):
            raise ValueError(
                f"batch_normalization: `{name}` must be a vector of length {size}, the size along axis "
                f"{axis}. Received: {name}.shape={shape}"
            )


@operation
def batch_normalization(x, mean, variance, axis, offset=None, scale=None, epsilon=1e-3):
    """(x - mean) / sqrt(variance + epsilon) * scale + offset, the vectors lying along ``axis``."""
    x = float_tensor(x)
    dtype, rank = str(x.dtype), len(x.shape)
    (axis,) = normalized_axes(axis, rank, "batch_normalization")
    shape = [1] * rank
    shape[axis] = -1
    _check_vectors(x.shape[axis], axis, mean=mean, variance=variance, offset=offset, scale=scale)

    def along(v):
        v = tensor(v, dtype)
        return v if axis == rank - 1 else apply("reshape", v, shape=shape)

    factor = apply("rsqrt", apply("add", tensor(variance, dtype), float(epsilon)))
    if scale is not None:
        factor = apply("multiply", factor, tensor(scale, dtype))
    shift = apply("negative", apply("multiply", tensor(mean, dtype), factor))
    if offset is not None:
        shift = apply("add", shift, tensor(offset, dtype))
    return apply("add", apply("multiply", x, along(factor)), along(shift))


__all__ = ["layer_normalization", "rms_normalization"]
