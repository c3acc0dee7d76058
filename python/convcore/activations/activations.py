"""The activation functions, composed from ops. Gradients at kinks come from how each is written (see the comments)."""

import math

from .. import ops


def linear(x):
    """x itself."""
    return x


def relu(x, negative_slope=0.0, max_value=None, threshold=0.0):
    """max(x, 0), with an optional slope below `threshold` and an optional cap."""
    if negative_slope == 0.0 and max_value is None and threshold == 0.0:
        return ops.relu(x)
    if threshold == 0.0 and negative_slope == 0.0:
        return ops.clip(x, 0.0, max_value)
    y = ops.where(x > threshold, x, negative_slope * (x - threshold))
    # a select, so that the gradient is 0 from the cap on
    return y if max_value is None else ops.where(x >= max_value, float(max_value), y)


def relu6(x):
    """min(max(x, 0), 6)."""
    return ops.clip(x, 0.0, 6.0)


def leaky_relu(x, negative_slope=0.2):
    """x if x > 0 else negative_slope * x."""
    return ops.where(x > 0.0, x, negative_slope * x)


def elu(x, alpha=1.0):
    """x if x > 0 else alpha * (exp(x) - 1)."""
    # x >= 0 gives the right derivative at 0; the minimum keeps exp finite in the branch that is not taken
    return ops.where(x >= 0.0, x, alpha * (ops.exp(ops.minimum(x, 0.0)) - 1.0))


def selu(x):
    """Scaled elu with the constants that preserve mean 0 and variance 1."""
    return 1.0507009873554805 * elu(x, 1.6732632423543772)


def celu(x, alpha=1.0):
    """x if x > 0 else alpha * (exp(x / alpha) - 1)."""
    return ops.where(x >= 0.0, x, alpha * (ops.exp(ops.minimum(x, 0.0) / alpha) - 1.0))


def gelu(x, approximate=False):
    """x times the normal distribution function of x (exact by default, else the tanh form)."""
    if approximate:
        inner = math.sqrt(2.0 / math.pi) * (x + 0.044715 * (x * x * x))
        return 0.5 * x * (1.0 + ops.tanh(inner))
    return 0.5 * x * (1.0 + ops.erf(x * (1.0 / math.sqrt(2.0))))


def sigmoid(x):
    """1 / (1 + exp(-x))."""
    return ops.sigmoid(x)


def log_sigmoid(x):
    """log(sigmoid(x)), stable."""
    return -ops.softplus(-x)


def hard_sigmoid(x):
    """clip(x / 6 + 0.5, 0, 1)."""
    return ops.clip(x * (1.0 / 6.0) + 0.5, 0.0, 1.0)


def sparse_sigmoid(x):
    """clip((x + 1) / 2, 0, 1)."""
    return ops.clip(0.5 * x + 0.5, 0.0, 1.0)


def silu(x):
    """x * sigmoid(x)."""
    return x * ops.sigmoid(x)


def hard_silu(x):
    """x * hard_sigmoid(x)."""
    return x * hard_sigmoid(x)


def tanh(x):
    """Hyperbolic tangent."""
    return ops.tanh(x)


def hard_tanh(x):
    """clip(x, -1, 1)."""
    return ops.clip(x, -1.0, 1.0)


def tanh_shrink(x):
    """x - tanh(x)."""
    return x - ops.tanh(x)


def softsign(x):
    """x / (1 + abs(x))."""
    return x / (1.0 + ops.abs(x))


def softplus(x):
    """log(1 + exp(x)), stable."""
    return ops.softplus(x)


def squareplus(x, b=4):
    """(x + sqrt(x * x + b)) / 2."""
    return 0.5 * (x + ops.sqrt(x * x + float(b)))


def soft_shrink(x, threshold=0.5):
    """sign(x) * max(abs(x) - threshold, 0)."""
    return ops.where(ops.abs(x) > threshold, x - threshold * ops.sign(x), ops.zeros_like(x))


def hard_shrink(x, threshold=0.5):
    """x where abs(x) > threshold, else 0."""
    return ops.where(ops.abs(x) > threshold, x, ops.zeros_like(x))


def sparse_plus(x):
    """0 up to -1, (x + 1)**2 / 4 up to 1, then x."""
    middle = 0.25 * ops.square(x + 1.0)
    return ops.where(x <= -1.0, ops.zeros_like(x), ops.where(x < 1.0, middle, x))


def exponential(x):
    """exp(x)."""
    return ops.exp(x)


def mish(x):
    """x * tanh(softplus(x))."""
    return x * ops.tanh(ops.softplus(x))


def threshold(x, threshold, default_value):
    """x where x > threshold, else default_value."""
    return ops.where(x > threshold, x, float(default_value))


def softmax(x, axis=-1):
    """exp(x) divided by its sum along `axis` (an int or several)."""
    return ops.softmax(x, axis=axis)


def log_softmax(x, axis=-1):
    """log(softmax(x)), stable."""
    return ops.log_softmax(x, axis=axis)


def glu(x, axis=-1):
    """The first half of `axis` times the sigmoid of the second half."""
    size = x.shape[axis]
    if size is None or size % 2:
        raise ValueError(f"glu: axis {axis} must have an even size, received shape {tuple(x.shape)}")
    first, second = ops.split(x, 2, axis=axis)
    return first * ops.sigmoid(second)


def sparsemax(x, axis=-1):
    """The projection of x on the probability simplex along `axis`: like softmax, with exact zeros.

    An entry is in the support if and only if the amounts by which others exceed it sum to less than 1, so no sorting is needed.
    """
    moved = ops.moveaxis(x, axis, -1)
    excess = ops.expand_dims(moved, -2) - ops.expand_dims(moved, -1)
    support = ops.cast(ops.sum(ops.relu(excess), axis=-1) < 1.0, x.dtype)
    count = ops.sum(support, axis=-1, keepdims=True)
    tau = (ops.sum(support * moved, axis=-1, keepdims=True) - 1.0) / count
    return ops.moveaxis(ops.relu(moved - tau), -1, axis)
