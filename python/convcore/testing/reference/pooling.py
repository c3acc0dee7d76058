"""Pooling and its gradients, window by window.

Inputs are (batch, *sizes, channels), or (batch, channels, *sizes) as channels_first. What lies outside the
input takes no part: it is not counted by means, and no maximum.
"""

import itertools

import numpy as np

from .windows import even_spans, from_channels_last, per_axis, spans, to_channels_last


def _each_window(axes):
    """(index of the output, index of its window's elements) for the spans of every axis."""
    for position in itertools.product(*[range(len(axis)) for axis in axes]):
        window = [slice(*axis[i]) for axis, i in zip(axes, position, strict=True)]
        yield (slice(None), *position), (slice(None), *window)


def _pooled(x, kind, axes):
    y = np.zeros((x.shape[0], *map(len, axes), x.shape[-1]))
    over = tuple(range(1, x.ndim - 1))
    for at, window in _each_window(axes):
        seen = x[window]
        if kind == "max":
            y[at] = seen.max(axis=over)
        else:
            y[at] = np.sqrt((seen**2).sum(axis=over)) if kind == "l2" else seen.mean(axis=over)
    return y


def pool(x, kind, pool_size, strides=None, padding="valid", data_format="channels_last"):
    """kind: max, average (real elements only in the divisor) or l2."""
    return _pool_op(
        np.asarray(x, np.float64),
        kind,
        pool_size=pool_size,
        strides=() if strides is None else strides,
        padding=padding,
        data_format=data_format,
    )


def adaptive_pool(x, kind, output_size, data_format="channels_last"):
    """Windows are products of intervals that share every axis evenly; kind: max or average."""
    return _pool_op(np.asarray(x, np.float64), kind, output_size=output_size, data_format=data_format)


def global_pool(x, kind, keepdims=False, data_format="channels_last"):
    x = np.asarray(x, np.float64)
    axes = tuple(range(2, x.ndim)) if data_format == "channels_first" else tuple(range(1, x.ndim - 1))
    if kind == "max":
        return x.max(axis=axes, keepdims=keepdims)
    if kind == "l2":
        return np.sqrt((x * x).sum(axis=axes, keepdims=keepdims))
    return x.mean(axis=axes, keepdims=keepdims)


def _spans_of(sizes, pool_size=(), strides=(), padding="valid", output_size=(), paddings=()):
    """The spans of every axis, as the attributes of the pooling ops say; output_size, if given, says all."""
    rank = len(sizes)
    if output_size:
        return [even_spans(n, m) for n, m in zip(sizes, per_axis(output_size, rank), strict=True)]
    window = per_axis(pool_size, rank, 2)
    steps = per_axis(strides, rank) if strides else window
    borders = np.reshape(per_axis(paddings, 2 * rank, 0), (rank, 2)).tolist()
    return [spans(*axis[:3], padding, axis[3]) for axis in zip(sizes, window, steps, borders, strict=True)]


def _pool_op(x, kind, *, data_format="channels_last", **attributes):
    x = to_channels_last(x, data_format)
    return from_channels_last(_pooled(x, kind, _spans_of(x.shape[1:-1], **attributes)), data_format)


def _shares(seen, kind):
    """The derivative of each window's result by each of its elements: seen is (batch, elements, channels)."""
    if kind == "max":  # to the first of equal ones, or the first NaN
        return np.arange(seen.shape[1])[:, None] == np.argmax(seen, axis=1)[:, None]
    if kind == "average":
        return np.full(seen.shape, 1 / seen.shape[1])
    norm = np.sqrt((seen**2).sum(axis=1, keepdims=True))
    return np.divide(seen, norm, out=np.zeros(seen.shape), where=norm != 0)


def _pool_backward(x, dy, kind, *, data_format="channels_last", **attributes):
    x, dy = to_channels_last(x, data_format), to_channels_last(dy, data_format)
    dx = np.zeros(x.shape)
    for at, window in _each_window(_spans_of(x.shape[1:-1], **attributes)):
        seen = x[window]
        shares = _shares(seen.reshape(x.shape[0], -1, x.shape[-1]), kind).reshape(seen.shape)
        dx[window] += shares * np.expand_dims(dy[at], tuple(range(1, x.ndim - 1)))
    return from_channels_last(dx, data_format)


def max_pool(x, **attributes):
    """Largest element of each window."""
    return _pool_op(x, "max", **attributes)


def average_pool(x, **attributes):
    """Mean of each window."""
    return _pool_op(x, "average", **attributes)


def l2_pool(x, **attributes):
    """Square root of the sum of squares of each window."""
    return _pool_op(x, "l2", **attributes)


def max_pool_backward(x, y, dy, **attributes):
    """dy goes to the first largest element of each window, in row-major order; y, which is max_pool(x), is
    not read."""
    return _pool_backward(x, dy, "max", **attributes)


def average_pool_backward(dy, x, **attributes):
    """dy is shared evenly; only the shape of x is read."""
    return _pool_backward(x, dy, "average", **attributes)


def l2_pool_backward(x, y, dy, **attributes):
    """dy times x / y, 0 in windows of zeros; y, which is l2_pool(x), is not read."""
    return _pool_backward(x, dy, "l2", **attributes)


OPS = {
    "max_pool": max_pool,
    "max_pool_backward": max_pool_backward,
    "average_pool": average_pool,
    "average_pool_backward": average_pool_backward,
    "l2_pool": l2_pool,
    "l2_pool_backward": l2_pool_backward,
}
