"""Normalisation over batches (Ioffe and Szegedy, 2015) and over the elements of a sample (Ba, Kiros and
Hinton, 2016), with their gradients.

With n = (x - mean) / sqrt(variance + epsilon), taken over m elements, and g the gradient of gamma n + beta:
dgamma = sum g n, dbeta = sum g, and for g' = gamma g: dx = (g' - mean(g') - n mean(g' n)) / sqrt(variance +
epsilon).
"""

import math

import numpy as np

from .programs import activated


def _along(vector, ndim, axis):
    shape = [1] * ndim
    shape[axis] = -1
    return np.asarray(vector, np.float64).reshape(shape)


def moments(x, axis=-1, mask=None):
    """Mean and biased variance over every axis but `axis`; a mask drops positions (its divisor gets 1e-7)."""
    x = np.moveaxis(np.asarray(x, np.float64), axis, -1)
    if mask is None:
        flat = x.reshape(-1, x.shape[-1])
        return flat.mean(axis=0), flat.var(axis=0)
    weight = np.broadcast_to(np.asarray(mask, np.float64)[..., None], x.shape)
    axes = tuple(range(x.ndim - 1))
    count = weight.sum(axis=axes) + 1e-7
    mean = (x * weight).sum(axis=axes) / count
    return mean, (weight * (x - mean) ** 2).sum(axis=axes) / count


def batch_norm(x, gamma, beta, mean, variance, epsilon=1e-3, axis=-1):
    x = np.asarray(x, np.float64)
    mean, variance, gamma, beta = (_along(v, x.ndim, axis) for v in (mean, variance, gamma, beta))
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


def batch_norm_training(x, gamma, beta, residual=None, *, axis=-1, epsilon=1e-3, activation="linear"):
    """(activation(gamma n + beta + residual), mean, biased variance), the latter over all axes but one."""
    mean, variance = moments(x, axis)
    y = batch_norm(x, gamma, beta, mean, variance, epsilon, axis)
    return activated(y if residual is None else y + residual, activation), mean, variance


def _limited(dy, x, mean, variance, gamma, beta, epsilon, activation, axis):
    """dy where gamma n + beta is strictly inside the limits that the activation is, else 0."""
    if beta is None:
        return dy
    y = batch_norm(x, gamma, beta, mean, variance, epsilon, axis)
    low, high = activated(np.array([-np.inf, np.inf]), activation)
    return np.where((y > low) & (y < high), dy, 0.0)


def _sums(x, dy, mean, variance, epsilon, axis):
    """(sum of dy n, sum of dy) over all axes but one."""
    normal = batch_norm(x, np.ones_like(mean), np.zeros_like(mean), mean, variance, epsilon, axis)
    others = tuple(i for i in range(x.ndim) if i != axis % x.ndim)
    return (dy * normal).sum(axis=others), dy.sum(axis=others)


def _input_gradient(x, dy, mean, variance, gamma, dgamma, dbeta, epsilon, count, axis):
    through = [_along(v / count, x.ndim, axis) for v in (dgamma, dbeta)]
    normal = batch_norm(x, np.ones_like(mean), np.zeros_like(mean), mean, variance, epsilon, axis)
    return _along(gamma / np.sqrt(variance + epsilon), x.ndim, axis) * (dy - normal * through[0] - through[1])


def batch_norm_training_backward(
    x, gamma, mean, variance, dy, beta=None, *, axis=-1, epsilon=1e-3, activation="linear"
):
    """(dx, dgamma, dbeta). Given beta, dy is that of the limits after it, which let it through inside
    only."""
    dy = _limited(dy, x, mean, variance, gamma, beta, epsilon, activation, axis)
    dgamma, dbeta = _sums(x, dy, mean, variance, epsilon, axis)
    count = x.size // max(x.shape[axis], 1)
    return _input_gradient(x, dy, mean, variance, gamma, dgamma, dbeta, epsilon, count, axis), dgamma, dbeta


# The same in parts, channels last: statistics of a few rows at a time, which are joined.


def _chunks(x):
    """(images, chunks, up to so many pixels, channels), and the pixels of each chunk. A chunk is 16 to 1024
    pixels of an image, as many as make 8192 numbers."""
    images, channels = x.shape[0], x.shape[-1]
    rows = math.prod(x.shape[1:-1])
    step = min(max(16, min(1024, 8192 // max(channels, 1))), max(rows, 1))
    flat = x.reshape(images, rows, channels)
    return [flat[:, i : i + step] for i in range(0, rows, step)]


def batch_norm_statistics(x, **attributes):
    """(images, chunks, 2, channels): of every chunk the mean, and the sum of squared differences from it."""
    return np.stack([np.stack([c.mean(1), c.var(1) * c.shape[1]], 1) for c in _chunks(x)], 1)


def batch_norm_join(statistics, x, **attributes):
    """(mean, biased variance) of all chunks (Chan, Golub and LeVeque, 1979); only the shape of x is read."""
    counts = np.array([c.shape[1] for c in _chunks(x)], np.float64)[None, :, None]
    means, squares = statistics[:, :, 0], statistics[:, :, 1]
    total = counts.sum() * x.shape[0]
    mean = (counts * means).sum(axis=(0, 1)) / total
    return mean, (squares + counts * (means - mean) ** 2).sum(axis=(0, 1)) / total


def batch_norm_apply(
    x, mean, variance, gamma, beta, residual=None, *, epsilon=1e-3, activation="linear", count=0
):
    """activation(gamma n + beta + residual) with the given mean and variance."""
    y = batch_norm(x, gamma, beta, mean, variance, epsilon)
    return activated(y if residual is None else y + residual, activation)


def batch_norm_backward_statistics(
    x, dy, mean, variance, gamma, beta=None, *, epsilon=1e-3, activation="linear", count=0
):
    """(images, chunks, 2, channels): of every chunk the sums of dy and of dy n."""
    dy = _limited(dy, x, mean, variance, gamma, beta, epsilon, activation, -1)
    parts = []
    for c, d in zip(_chunks(x), _chunks(dy), strict=True):
        sums = [_sums(image, share, mean, variance, epsilon, -1) for image, share in zip(c, d, strict=True)]
        parts.append([[dbeta, dgamma] for dgamma, dbeta in sums])
    return np.swapaxes(np.array(parts), 0, 1)


def batch_norm_backward_join(statistics, x, **attributes):
    """(dgamma, dbeta): the sums of all chunks."""
    return statistics[:, :, 1].sum(axis=(0, 1)), statistics[:, :, 0].sum(axis=(0, 1))


def batch_norm_backward_apply(
    x, dy, mean, variance, gamma, dgamma, dbeta, beta=None, *, epsilon=1e-3, activation="linear", count=0
):
    """dx from the sums of the whole batch, which has `count` pixels."""
    dy = _limited(dy, x, mean, variance, gamma, beta, epsilon, activation, -1)
    return _input_gradient(x, dy, mean, variance, gamma, dgamma, dbeta, epsilon, count, -1)


def _rows(x, axes, epsilon, center):
    """(n, sqrt(variance + epsilon)) of rows: (rows, elements) and (rows, 1)."""
    rows = x.reshape(math.prod(x.shape[: x.ndim - axes]), -1)
    deviation = rows - rows.mean(axis=1, keepdims=True) if center else rows
    scale = np.sqrt((deviation**2).mean(axis=1, keepdims=True) + epsilon)
    return deviation / scale, scale


def layer_norm(x, gamma, beta, *, axes=1, epsilon=1e-3, center=True):
    """gamma n + beta over the last `axes` axes of x, flat gamma and beta for them. Without center the mean is
    taken for 0: normalisation by the root mean square (Zhang and Sennrich, 2019)."""
    return (_rows(x, axes, epsilon, center)[0] * gamma + beta).reshape(x.shape)


def layer_norm_backward(x, gamma, dy, *, axes=1, epsilon=1e-3, center=True):
    """(dx, dgamma, dbeta)."""
    normal, scale = _rows(x, axes, epsilon, center)
    flat = dy.reshape(normal.shape)
    g = flat * gamma
    along = normal * (g * normal).mean(axis=1, keepdims=True)
    slope = g.mean(axis=1, keepdims=True) if center else 0.0
    dx = ((g - slope - along) / scale).reshape(x.shape)
    return dx, (flat * normal).sum(axis=0), flat.sum(axis=0)


OPS = {
    "batch_norm_training": batch_norm_training,
    "batch_norm_training_backward": batch_norm_training_backward,
    "batch_norm_statistics": batch_norm_statistics,
    "batch_norm_join": batch_norm_join,
    "batch_norm_apply": batch_norm_apply,
    "batch_norm_backward_statistics": batch_norm_backward_statistics,
    "batch_norm_backward_join": batch_norm_backward_join,
    "batch_norm_backward_apply": batch_norm_backward_apply,
    "layer_norm": layer_norm,
    "layer_norm_backward": layer_norm_backward,
}
