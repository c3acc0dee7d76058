"""What layers compute, in plain NumPy and float64: apart from the kernels, which are compared with it."""

import itertools
import math

import numpy as np


def _tuple(value, rank):
    return (value,) * rank if isinstance(value, int) else tuple(value)


def _channels_last(x, data_format):
    return np.moveaxis(x, 1, -1) if data_format == "channels_first" else x


def _back(y, data_format):
    return np.moveaxis(y, -1, 1) if data_format == "channels_first" else y


def window_geometry(n, k, s, d, padding):
    """(front padding, back padding, output size) of one axis."""
    extent = (k - 1) * d + 1
    if padding == "same":
        total = max((math.ceil(n / s) - 1) * s + extent - n, 0)
        return total // 2, total - total // 2, math.ceil(n / s)
    if padding == "causal":
        return extent - 1, 0, math.ceil(n / s)
    return 0, 0, (n - extent) // s + 1


def _windows(x, window, strides, dilation, padding, fill):
    """Yields (offset inside the window, the input elements under that offset) for channels_last x."""
    rank = x.ndim - 2
    geometry = [
        window_geometry(x.shape[i + 1], window[i], strides[i], dilation[i], padding) for i in range(rank)
    ]
    padded = np.pad(x, [(0, 0), *[(lo, hi) for lo, hi, _ in geometry], (0, 0)], constant_values=fill)
    for offset in itertools.product(*map(range, window)):
        index = [slice(None)]
        for t, s, d, (_, _, o) in zip(offset, strides, dilation, geometry, strict=True):
            index.append(slice(t * d, t * d + (o - 1) * s + 1, s))
        yield offset, padded[tuple(index)]


def conv(
    x, kernel, bias=None, strides=1, padding="valid", dilation_rate=1, groups=1, data_format="channels_last"
):
    """Cross-correlation of any rank; kernel (k.., channels / groups, filters) in both data formats."""
    x = _channels_last(np.asarray(x, np.float64), data_format)
    kernel = np.asarray(kernel, np.float64)
    rank = x.ndim - 2
    strides, dilation = _tuple(strides, rank), _tuple(dilation_rate, rank)
    block, filters = kernel.shape[-2], kernel.shape[-1] // groups
    parts = []
    for g in range(groups):
        piece = x[..., g * block : (g + 1) * block]
        part = np.zeros(())
        for offset, seen in _windows(piece, kernel.shape[:rank], strides, dilation, padding, 0.0):
            part = part + np.tensordot(seen, kernel[offset][:, g * filters : (g + 1) * filters], axes=1)
        parts.append(part)
    y = np.concatenate(parts, axis=-1)
    if bias is not None:
        y = y + np.asarray(bias, np.float64)
    return _back(y, data_format)


def depthwise_conv(
    x, kernel, bias=None, strides=1, padding="valid", dilation_rate=1, data_format="channels_last"
):
    """Channel by channel; kernel (k.., channels, multiplier), the result channel-major."""
    x = _channels_last(np.asarray(x, np.float64), data_format)
    options = {"strides": strides, "padding": padding, "dilation_rate": dilation_rate}
    channels = range(x.shape[-1])
    y = np.concatenate(
        [conv(x[..., c : c + 1], kernel[..., c : c + 1, :], **options) for c in channels], axis=-1
    )
    return _back(y if bias is None else y + np.asarray(bias, np.float64), data_format)


def separable_conv(x, depthwise, pointwise, bias=None, data_format="channels_last", **window):
    between = depthwise_conv(x, depthwise, data_format=data_format, **window)
    return conv(between, pointwise, bias, data_format=data_format)


def conv_transpose(
    x,
    kernel,
    bias=None,
    strides=1,
    padding="valid",
    output_padding=None,
    dilation_rate=1,
    data_format="channels_last",
):
    """Scatters each input element; kernel (k.., filters, channels)."""
    x, kernel = _channels_last(np.asarray(x, np.float64), data_format), np.asarray(kernel, np.float64)
    rank = x.ndim - 2
    strides, dilation = _tuple(strides, rank), _tuple(dilation_rate, rank)
    more = (None,) * rank if output_padding is None else _tuple(output_padding, rank)
    window, sizes = kernel.shape[:rank], x.shape[1:-1]
    reach = [(k - 1) * d + 1 for k, d in zip(window, dilation, strict=True)]
    spread = [(n - 1) * s + r for n, s, r in zip(sizes, strides, reach, strict=True)]
    out, crop = [], []
    for n, s, r, total, op in zip(sizes, strides, reach, spread, more, strict=True):
        if padding == "valid":
            out.append((n - 1) * s + max(r, s) if op is None else total + op)
            crop.append(0)
        else:
            out.append(n * s if op is None else (n - 1) * s + r % 2 + op)
            crop.append(max(total - out[-1], 0) // 2)
    # room for what is cropped and for the zeros behind
    full = np.zeros((x.shape[0], *[a + b for a, b in zip(spread, out, strict=True)], kernel.shape[-2]))
    for offset in itertools.product(*map(range, window)):
        places = [slice(None)]
        for t, d, n, s in zip(offset, dilation, sizes, strides, strict=True):
            places.append(slice(t * d, t * d + (n - 1) * s + 1, s))
        full[tuple(places)] += x @ kernel[offset].T
    kept = [slice(None), *[slice(c, c + o) for c, o in zip(crop, out, strict=True)]]
    y = full[tuple(kept)]
    return _back(y if bias is None else y + np.asarray(bias, np.float64), data_format)


def pool(x, kind, pool_size, strides=None, padding="valid", data_format="channels_last"):
    """kind: max, average (real elements only in the divisor) or l2."""
    x = _channels_last(np.asarray(x, np.float64), data_format)
    rank = x.ndim - 2
    window = _tuple(pool_size, rank)
    strides = window if strides is None else _tuple(strides, rank)
    fill = -np.inf if kind == "max" else 0.0
    seen = np.stack([piece for _, piece in _windows(x, window, strides, (1,) * rank, padding, fill)])
    if kind == "max":
        y = seen.max(axis=0)
    elif kind == "l2":
        y = np.sqrt((seen**2).sum(axis=0))
    else:
        real = np.stack([p for _, p in _windows(np.ones_like(x), window, strides, (1,) * rank, padding, 0.0)])
        y = seen.sum(axis=0) / real.sum(axis=0)
    return _back(y, data_format)


def adaptive_pool(x, kind, output_size, data_format="channels_last"):
    """Axis by axis: means (of means) and maxima (of maxima) over windows that are products of intervals."""
    y = _channels_last(np.asarray(x, np.float64), data_format)
    reduce = np.max if kind == "max" else np.mean
    for axis, m in enumerate(_tuple(output_size, y.ndim - 2), start=1):
        n = y.shape[axis]
        parts = [
            y.take(range(math.floor(i * n / m), math.ceil((i + 1) * n / m)), axis=axis) for i in range(m)
        ]
        y = np.stack([reduce(part, axis=axis) for part in parts], axis=axis)
    return _back(y, data_format)


def global_pool(x, kind, keepdims=False, data_format="channels_last"):
    x = np.asarray(x, np.float64)
    axes = tuple(range(2, x.ndim)) if data_format == "channels_first" else tuple(range(1, x.ndim - 1))
    if kind == "max":
        return x.max(axis=axes, keepdims=keepdims)
    if kind == "l2":
        return np.sqrt((x * x).sum(axis=axes, keepdims=keepdims))
    return x.mean(axis=axes, keepdims=keepdims)


def dense(x, kernel, bias=None):
    y = np.asarray(x, np.float64) @ np.asarray(kernel, np.float64)
    return y if bias is None else y + np.asarray(bias, np.float64)


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


def flatten(x, data_format="channels_last"):
    x = _channels_last(np.asarray(x), data_format) if np.ndim(x) > 1 else np.asarray(x)
    return x.reshape(x.shape[0], -1)


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def log_softmax(x, axis=-1):
    shifted = x - x.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def sparsemax(x, axis=-1):
    """Projection on the simplex by the sorted threshold search of Martins and Astudillo (2016)."""

    def row(z):
        ordered = np.sort(z)[::-1]
        sums = np.cumsum(ordered)
        count = max(k for k in range(1, len(z) + 1) if 1 + k * ordered[k - 1] > sums[k - 1])
        return np.maximum(z - (sums[count - 1] - 1) / count, 0)

    return np.apply_along_axis(row, axis, x)


def glu(x, axis=-1):
    first, second = np.split(x, 2, axis=axis)
    return first * _sigmoid(second)


def relu(x, negative_slope=0.0, max_value=None, threshold=0.0):
    y = np.where(x > threshold, x, negative_slope * (x - threshold))
    y = np.where(x == threshold, 0.0, y)
    return y if max_value is None else np.where(x >= max_value, max_value, y)


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _softplus(x):
    return np.logaddexp(0, x)


_erf = np.vectorize(math.erf, otypes=[np.float64])

ACTIVATIONS = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.clip(x, 0, 6),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "elu": lambda x: np.where(x > 0, x, np.expm1(x)),
    "selu": lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x)),
    "celu": lambda x: np.maximum(0, x) + np.minimum(0, np.expm1(x)),
    "gelu": lambda x: x * 0.5 * (1 + _erf(x / np.sqrt(2))),
    "sigmoid": _sigmoid,
    "log_sigmoid": lambda x: -_softplus(-x),
    "hard_sigmoid": lambda x: np.clip(x / 6 + 0.5, 0, 1),
    "sparse_sigmoid": lambda x: np.clip((x + 1) / 2, 0, 1),
    "silu": lambda x: x * _sigmoid(x),
    "hard_silu": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "tanh": np.tanh,
    "hard_tanh": lambda x: np.clip(x, -1, 1),
    "tanh_shrink": lambda x: x - np.tanh(x),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "softplus": _softplus,
    "squareplus": lambda x: (x + np.sqrt(x * x + 4)) / 2,
    "soft_shrink": lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0),
    "hard_shrink": lambda x: np.where(np.abs(x) > 0.5, x, 0),
    "sparse_plus": lambda x: np.select([x <= -1, x < 1], [0, (x + 1) ** 2 / 4], x),
    "exponential": np.exp,
    "mish": lambda x: x * np.tanh(_softplus(x)),
    "softmax": softmax,
    "log_softmax": log_softmax,
    "glu": glu,
    "sparsemax": sparsemax,
}
