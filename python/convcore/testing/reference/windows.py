"""Sliding windows: which elements of an input every window sees, for convolution and pooling."""

import itertools
import math

import numpy as np


def per_axis(value, rank, standard=1):
    """One number for each of `rank` axes: an integer is for all of them, nothing means `standard`."""
    if isinstance(value, int):
        return (value,) * rank
    return tuple(value) or (standard,) * rank


def to_channels_last(x, data_format):
    return np.moveaxis(x, 1, -1) if data_format == "channels_first" else x


def from_channels_last(y, data_format):
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


class Windows:
    """The windows of a convolution over the spatial axes of (batch, *sizes, channels).

    Iterating gives, for each place inside the window, that place and the index that picks from a padded array
    what the windows have there: (batch, *out, channels).
    """

    def __init__(self, sizes, window, strides=1, padding="valid", dilation_rate=1, paddings=()):
        rank = len(sizes)
        self.sizes, self.window = tuple(sizes), tuple(window)
        self.strides, self.dilation = per_axis(strides, rank), per_axis(dilation_rate, rank)
        border = np.reshape(per_axis(paddings, 2 * rank, 0), (rank, 2)).tolist()
        self.border, self.out = [], []
        for n, k, s, d, (low, high) in zip(sizes, window, self.strides, self.dilation, border, strict=True):
            front, back, out = window_geometry(low + n + high, k, s, d, padding)
            self.border.append((low + front, high + back))
            self.out.append(out)

    def padded(self, x):
        """(batch, *sizes, channels) within its border of zeros."""
        return np.pad(x, [(0, 0), *self.border, (0, 0)])

    def cropped(self, padded):
        """The inverse: a padded array without its border."""
        inner = [slice(low, low + n) for (low, _), n in zip(self.border, self.sizes, strict=True)]
        index = (slice(None), *inner)
        return padded[index]

    def __iter__(self):
        for place in itertools.product(*map(range, self.window)):
            index = [slice(None)]
            for t, s, d, o in zip(place, self.strides, self.dilation, self.out, strict=True):
                index.append(slice(t * d, t * d + (o - 1) * s + 1, s) if o else slice(0))
            yield place, tuple(index)


def spans(n, k, s, padding="valid", paddings=(0, 0)):
    """For each window of one axis of n elements, the first of its elements and the one after its last."""
    low, high = paddings
    front, _, out = window_geometry(low + n + high, k, s, 1, padding)
    begins = [i * s - front - low for i in range(out)]
    return [(max(begin, 0), min(begin + k, n)) for begin in begins]


def even_spans(n, m):
    """The same for m windows that share n elements evenly: [floor(i n / m), ceil((i + 1) n / m))."""
    return [(i * n // m, -(-(i + 1) * n // m)) for i in range(m)]
