"""Draws from distributions. ``seed`` is an integer (the same numbers every time), a SeedGenerator or None."""

import math

from ..core import dtypes
from ..core.dispatch import apply, operation
from ..ops.promotion import float_tensor, tensor
from .seed_generator import draw_seed


def _sized(shape):
    shape = [shape] if isinstance(shape, int) else list(shape)
    if any(n is None for n in shape):
        raise ValueError(f"random: expected a shape of known sizes; received {tuple(shape)}")
    return [int(n) for n in shape]


def normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
    """Normally distributed numbers."""
    draws = apply(
        "random_normal", draw_seed(seed), shape=_sized(shape), mean=float(mean), stddev=float(stddev)
    )
    return tensor(draws, dtypes.standardize_dtype(dtype))


def uniform(shape, minval=0.0, maxval=1.0, dtype=None, seed=None):
    """Numbers uniform in [minval, maxval), of a float dtype."""
    dtype = dtypes.standardize_dtype(dtype)
    if not dtypes.is_float(dtype):
        raise ValueError(
            f"uniform: `keras.random.uniform` requires a floating point `dtype`. Received: dtype={dtype} "
        )
    draws = apply(
        "random_uniform", draw_seed(seed), shape=_sized(shape), minval=float(minval), maxval=float(maxval)
    )
    if dtypes.is_half(dtype) and minval < maxval:  # rounded up they would reach the end
        draws = apply("clip", draws, min=-math.inf, max=dtypes.largest_below(dtype, float(maxval)))
    return tensor(draws, dtype)


def uniform_like(x, shape=None, minval=0.0, maxval=1.0, seed=None):
    """Uniform numbers of a shape whose entries of None are the sizes of ``x``; None alone means its shape.

    The sizes may be unknown while recording.
    """
    sizes = _sizes_like(x, shape)
    return apply(
        "random_uniform", draw_seed(seed), x, shape=sizes, minval=float(minval), maxval=float(maxval)
    )


def normal_like(x, shape=None, mean=0.0, stddev=1.0, seed=None):
    """Normally distributed numbers of a shape given as for ``uniform_like``."""
    sizes = _sizes_like(x, shape)
    return apply("random_normal", draw_seed(seed), x, shape=sizes, mean=float(mean), stddev=float(stddev))


def _sizes_like(x, shape):
    return [-1] * len(x.shape) if shape is None else [-1 if n is None else int(n) for n in shape]


@operation
def dropout(inputs, rate, noise_shape=None, seed=None):
    """Keeps elements with probability 1 - rate and divides them by it; sizes of 1 in ``noise_shape`` share a
    draw.
    """
    x = float_tensor(inputs)
    if not 0 <= rate <= 1:
        raise ValueError(f"dropout: argument `rate`: expected a number in [0, 1]; received {rate!r}")
    if rate == 0:
        return x
    shape = [] if noise_shape is None else _noise_shape(noise_shape, x.shape)
    return apply("dropout", x, draw_seed(seed), rate=float(rate), noise_shape=shape)


def _noise_shape(noise_shape, shape):
    if len(noise_shape) != len(shape):
        raise ValueError(
            f"dropout: expected a noise_shape of {len(shape)} sizes; received {tuple(noise_shape)}"
        )
    return [1 if n == 1 else -1 for n in noise_shape]
