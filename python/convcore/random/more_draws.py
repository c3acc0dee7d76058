"""Draws that are made of others: whole numbers, categories, truncated, gamma, beta and binomial numbers."""

import math

import numpy as np

from .. import ops
from ..core import dtypes
from ..core.dispatch import operation
from ..ops.promotion import tensor
from .draws import _sized, uniform
from .gamma_draws import beta_like, gamma_like
from .seed_generator import SeedGenerator

# So many whole numbers are drawn from one float32, chances equal to a thousandth; more from 60 bits.
_FEW = 2**14


def randint(shape, minval, maxval, dtype="int32", seed=None):
    """Whole numbers uniform in [minval, maxval)."""
    dtype = dtypes.standardize_dtype(dtype)
    if not dtypes.is_integer(dtype):
        raise ValueError(
            f"randint: `keras.random.randint` requires an integer `dtype`. Received: dtype={dtype} "
        )
    span = int(maxval) - int(minval)
    if span <= _FEW:
        numbers = uniform(shape, 0.0, 1.0, "float32", seed)
        places = ops.minimum(ops.floor(numbers * float(span)), float(span - 1))
        return tensor(tensor(places, "int64") + int(minval), dtype)
    bits, seed = np.zeros((), "int64"), _generator(seed)
    for _ in range(3):
        twenty = tensor(ops.floor(uniform(shape, 0.0, 1.0, "float32", seed) * 2.0**20), "int64")
        bits = bits * 2**20 + twenty
    return tensor(ops.mod(bits, span) + int(minval), dtype)


def truncated_normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
    """Normally distributed numbers within two standard deviations, by the inverse of the distribution."""
    end = math.erf(math.sqrt(2.0))
    numbers = ops.erfinv(uniform(shape, -end, end, "float32", seed)) * math.sqrt(2.0)
    numbers = ops.clip(numbers, -2.0, 2.0) * float(stddev) + float(mean)
    return tensor(numbers, dtypes.standardize_dtype(dtype))


@operation
def categorical(logits, num_samples, dtype="int32", seed=None):
    """Class numbers ``(batch, num_samples)`` with the chances that ``logits`` ``(batch, classes)`` give."""
    logits = ops.convert_to_tensor(logits)
    if len(logits.shape) != 2:
        raise ValueError(
            "categorical: `logits` should be a 2-D tensor with shape [batch_size, num_classes]. Received: "
            f"logits={tuple(logits.shape)}"
        )
    from .draws import uniform_like

    numbers = uniform_like(logits, (None, num_samples, logits.shape[1]), seed=seed)
    # the largest of logits and Gumbel numbers
    gumbel = -ops.log(-ops.log(ops.maximum(numbers, 1e-30)))
    return tensor(ops.argmax(ops.expand_dims(logits, 1) + gumbel, axis=-1), dtypes.standardize_dtype(dtype))


def _like(shape):
    return np.zeros(_sized(shape), "float32")


def _generator(seed):
    # several draws of one seed must differ
    return SeedGenerator(int(seed) % 2**32) if isinstance(seed, (int, np.integer)) else seed


def _parameter(x):
    return x if isinstance(x, (int, float)) else ops.cast(x, "float32")


def gamma(shape, alpha, dtype=None, seed=None):
    """Numbers from the gamma distribution with parameter ``alpha``, a number or an array."""
    draws = gamma_like(_like(shape), _parameter(alpha), _sized(shape), _generator(seed))
    return tensor(draws, dtypes.standardize_dtype(dtype))


def beta(shape, alpha, beta, dtype=None, seed=None):
    """Numbers from the beta distribution with parameters ``alpha`` and ``beta``, numbers or arrays."""
    draws = beta_like(_like(shape), _parameter(alpha), _parameter(beta), _sized(shape), _generator(seed))
    return tensor(draws, dtypes.standardize_dtype(dtype))


def binomial(shape, counts, probabilities, dtype=None, seed=None):
    """How many of ``counts`` tries succeed, each with its chance; both numbers or arrays of known values."""
    counts = np.asarray(counts)
    tries = int(counts.max())
    numbers = uniform([tries, *_sized(shape)], 0.0, 1.0, "float32", seed)
    places = np.arange(tries).reshape([-1] + [1] * len(_sized(shape)))
    hits = ops.logical_and(numbers < ops.cast(probabilities, "float32"), places < counts)
    return tensor(ops.sum(ops.cast(hits, "float32"), axis=0), dtypes.standardize_dtype(dtype))


@operation
def shuffle(x, axis=0, seed=None):
    """``x`` with the slices along ``axis`` in random order."""
    x = ops.convert_to_tensor(x)
    if x.shape[axis] is None:
        raise ValueError(f"shuffle: expected axis {axis} to be of known size; received {tuple(x.shape)}")
    return ops.take(x, ops.argsort(uniform((x.shape[axis],), seed=seed)), axis=axis)


__all__ = ["beta", "binomial", "categorical", "gamma", "randint", "shuffle", "truncated_normal"]
