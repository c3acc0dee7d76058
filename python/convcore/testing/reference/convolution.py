"""Convolutions, dense layers and their gradients, from the sums that define them.

Inputs are (batch, *sizes, channels), or (batch, channels, *sizes) as channels_first; kernels are
(*window, channels / groups, filters) in both data formats.
"""

import itertools

import numpy as np

from .programs import activated
from .windows import Windows, from_channels_last, per_axis, to_channels_last


def _groups(kernel, groups):
    """(channels of the input, filters) of each group, as slices."""
    block, filters = kernel.shape[-2], kernel.shape[-1] // groups
    return [(slice(g * block, (g + 1) * block), slice(g * filters, (g + 1) * filters)) for g in range(groups)]


def _correlate(x, kernel, groups, windows):
    padded = windows.padded(x)
    y = np.zeros((x.shape[0], *windows.out, kernel.shape[-1]))
    for place, index in windows:
        for channels, filters in _groups(kernel, groups):
            y[..., filters] += padded[index][..., channels] @ kernel[place][:, filters]
    return y


def conv(
    x, kernel, bias=None, strides=1, padding="valid", dilation_rate=1, groups=1, data_format="channels_last"
):
    """Cross-correlation of any rank; kernel (k.., channels / groups, filters) in both data formats."""
    x = to_channels_last(np.asarray(x, np.float64), data_format)
    kernel = np.asarray(kernel, np.float64)
    windows = Windows(x.shape[1:-1], kernel.shape[:-2], strides, padding, dilation_rate)
    y = _correlate(x, kernel, groups, windows)
    return from_channels_last(y if bias is None else y + np.asarray(bias, np.float64), data_format)


def depthwise_conv(
    x, kernel, bias=None, strides=1, padding="valid", dilation_rate=1, data_format="channels_last"
):
    """Channel by channel; kernel (k.., channels, multiplier), the result channel-major."""
    x = to_channels_last(np.asarray(x, np.float64), data_format)
    options = {"strides": strides, "padding": padding, "dilation_rate": dilation_rate}
    channels = range(x.shape[-1])
    y = np.concatenate(
        [conv(x[..., c : c + 1], kernel[..., c : c + 1, :], **options) for c in channels], axis=-1
    )
    return from_channels_last(y if bias is None else y + np.asarray(bias, np.float64), data_format)


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
    x, kernel = to_channels_last(np.asarray(x, np.float64), data_format), np.asarray(kernel, np.float64)
    rank = x.ndim - 2
    strides, dilation = per_axis(strides, rank), per_axis(dilation_rate, rank)
    more = (None,) * rank if output_padding is None else per_axis(output_padding, rank)
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
    return from_channels_last(y if bias is None else y + np.asarray(bias, np.float64), data_format)


def dense(x, kernel, bias=None):
    y = np.asarray(x, np.float64) @ np.asarray(kernel, np.float64)
    return y if bias is None else y + np.asarray(bias, np.float64)


# The ops of the core: the same with its attributes, what it fuses, and the gradients.


def _finished(y, bias, residual, activation, data_format="channels_last"):
    y = from_channels_last(y if bias is None else y + bias, data_format)
    return activated(y if residual is None else y + residual, activation)


def conv_op(x, kernel, bias=None, residual=None, *, groups=1, data_format="channels_last", **rest):
    """activation(conv + bias + residual); the residual has the shape of the result. `paddings` are zeros
    around the input that `padding` then sees: low and high for each spatial axis in turn."""
    activation = rest.pop("activation", "linear")
    x = to_channels_last(x, data_format)
    y = _correlate(x, kernel, groups, Windows(x.shape[1:-1], kernel.shape[:-2], **rest))
    return _finished(y, bias, residual, activation, data_format)


def conv_backward_input(dy, kernel, x, *, groups=1, data_format="channels_last", **window):
    """d sum(dy * conv(x, kernel)) / dx: every dy goes back to the elements its window has seen. Only the
    shape of x is read."""
    x, dy = to_channels_last(x, data_format), to_channels_last(dy, data_format)
    windows = Windows(x.shape[1:-1], kernel.shape[:-2], **window)
    dx = np.zeros(windows.padded(np.broadcast_to(0.0, x.shape)).shape)
    for place, index in windows:
        for channels, filters in _groups(kernel, groups):
            dx[index][..., channels] += dy[..., filters] @ kernel[place][:, filters].T
    return from_channels_last(windows.cropped(dx), data_format)


def conv_backward_filter(x, dy, kernel, *, groups=1, data_format="channels_last", **window):
    """d sum(dy * conv(x, kernel)) / dkernel: each element of the kernel takes the products of what it has
    multiplied with dy. Only the shape of the kernel is read."""
    x, dy = to_channels_last(x, data_format), to_channels_last(dy, data_format)
    windows = Windows(x.shape[1:-1], kernel.shape[:-2], **window)
    padded, result = windows.padded(x), np.zeros(kernel.shape)
    summed = tuple(range(x.ndim - 1))
    for place, index in windows:
        for channels, filters in _groups(kernel, groups):
            seen = padded[index][..., channels]
            result[place][:, filters] = np.tensordot(seen, dy[..., filters], (summed, summed))
    return result


def conv_backward_filter_bias(x, dy, kernel, *, data_format="channels_last", **rest):
    """(conv_backward_filter, the gradient of the bias: dy summed over all but its channels)."""
    bias = to_channels_last(dy, data_format).reshape(-1, kernel.shape[-1]).sum(axis=0)
    return conv_backward_filter(x, dy, kernel, data_format=data_format, **rest), bias


def conv_backward_filter_by_image(x, dy, kernel, **rest):
    """conv_backward_filter of each image by itself: (batch, *shape of the kernel)."""
    images = range(x.shape[0])
    parts = [conv_backward_filter(x[i : i + 1], dy[i : i + 1], kernel, **rest) for i in images]
    return np.stack(parts) if parts else np.zeros((0, *kernel.shape))


def conv_transpose_op(x, kernel, bias=None, residual=None, *, groups=1, data_format="channels_last", **rest):
    """activation(conv_transpose + bias + residual), group by group; kernel (k.., filters / groups,
    channels)."""
    activation = rest.pop("activation", "linear")
    rest["output_padding"] = rest.get("output_padding") or None
    x = to_channels_last(x, data_format)
    pieces = zip(np.split(x, groups, axis=-1), np.split(kernel, groups, axis=-1), strict=True)
    y = np.concatenate([conv_transpose(piece, part, **rest) for piece, part in pieces], axis=-1)
    return _finished(y, bias, residual, activation, data_format)


def dense_op(x, kernel, bias=None, residual=None, *, activation="linear"):
    """activation(x kernel + bias + residual) over the last axis of x; kernel (inputs, units)."""
    return _finished(dense(x, kernel), bias, residual, activation)


def dense_backward_input(dy, kernel):
    """d sum(dy * dense(x, kernel)) / dx."""
    return dy @ kernel.T


def dense_backward_filter(x, dy):
    """d sum(dy * dense(x, kernel)) / dkernel, summed over all rows of x."""
    return x.reshape(-1, x.shape[-1]).T @ dy.reshape(-1, dy.shape[-1])


OPS = {
    "conv": conv_op,
    "conv_backward_input": conv_backward_input,
    "conv_backward_filter": conv_backward_filter,
    "conv_backward_filter_bias": conv_backward_filter_bias,
    "conv_backward_filter_by_image": conv_backward_filter_by_image,
    "conv_transpose": conv_transpose_op,
    "dense": dense_op,
    "dense_backward_input": dense_backward_input,
    "dense_backward_filter": dense_backward_filter,
}
