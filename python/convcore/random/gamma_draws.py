"""Draws from the gamma and the beta distribution, and permutations, for batches of unknown size."""

from .. import ops
from .draws import normal_like, uniform_like

# The chance that a try is refused is below 0.05, so that all are is below 1e-10.
_TRIES = 8


def _log_gamma_draw(x, shape, alpha, seed):
    """Logarithms of gamma draws: Marsaglia and Tsang, ACM TOMS 26, 2000, for alpha + 1, carried to alpha."""
    d = alpha + (1.0 - 1.0 / 3.0)
    c = (d * 9.0) ** -0.5
    result = done = None
    for _ in range(_TRIES):
        z = normal_like(x, shape, seed=seed)
        root = z * c + 1.0
        v = ops.maximum(root * root * root, 1e-30)
        u = ops.maximum(uniform_like(x, shape, seed=seed), 1e-30)
        fits = ops.log(u) < z * z * 0.5 + d - v * d + ops.log(v) * d
        fits = ops.logical_and(fits, root > 0.0)
        value = ops.log(v)
        result = value if result is None else ops.where(done, result, value)
        done = fits if done is None else ops.logical_or(done, fits)
    u = ops.maximum(uniform_like(x, shape, seed=seed), 1e-30)
    return result + ops.log(d * ops.ones_like(result)) + ops.log(u) / alpha


def gamma_like(x, alpha, shape=None, seed=None):
    """Numbers from the gamma distribution, of a shape given as for ``uniform_like``."""
    return ops.exp(_log_gamma_draw(x, shape, alpha, seed))


def beta_like(x, alpha, beta, shape=None, seed=None):
    """Numbers from the beta distribution, of a shape given as for ``uniform_like``."""
    return ops.sigmoid(_log_gamma_draw(x, shape, alpha, seed) - _log_gamma_draw(x, shape, beta, seed))


def permutation_like(x, seed=None):
    """A permutation of the places in the batch of ``x``, int32: the ranks of uniform draws."""
    draws = uniform_like(x, (None,), seed=seed)
    earlier = ops.expand_dims(draws, 1) > ops.expand_dims(draws, 0)
    return ops.sum(ops.cast(earlier, "int32"), axis=1)
