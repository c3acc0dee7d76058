"""Shapes, selection and joining: what moves elements and computes nothing."""

import numpy as np


def flatten(x, data_format="channels_last"):
    """(batch, ...) to (batch, elements); channels_first is flattened in the order of channels_last."""
    x = np.asarray(x)
    x = np.moveaxis(x, 1, -1) if data_format == "channels_first" and x.ndim > 1 else x
    return x.reshape(x.shape[0], -1)


def squeeze(x, axes=()):
    """Without the named axes of size 1, or without all of them."""
    return np.squeeze(x, tuple(axes) or None)


def transpose(x, axes=()):
    """Axis i of the result is axis axes[i] of x; without axes the order is reversed."""
    return np.transpose(x, tuple(axes) or None)


def broadcast_to(x, shape=()):
    """x repeated to a shape in which -1 keeps a size of x."""
    own = (1,) * (len(shape) - x.ndim) + x.shape
    return np.broadcast_to(x, [n if wanted == -1 else wanted for wanted, n in zip(shape, own, strict=True)])


def pad(x, paddings=(), value=0.0):
    """A border of one value: low and high for each axis in turn."""
    return np.pad(x, np.reshape(paddings, (x.ndim, 2)).astype(int), constant_values=value)


def _slices(begin, end, strides):
    return tuple(map(slice, begin, end, strides or [1] * len(begin)))


def slice_op(x, begin=(), end=(), strides=()):
    """x[begin:end:stride] on the first axes, as Python reads it."""
    return x[_slices(begin, end, strides)]


def slice_backward(dy, x, begin=(), end=(), strides=()):
    """Zeros of the shape of x, with dy where the slice was taken."""
    dx = np.zeros(x.shape, dy.dtype)
    dx[_slices(begin, end, strides)] = dy
    return dx


def concatenate(*xs, axis=-1):
    return np.concatenate(xs, axis)


def concatenate_backward(dy, *xs, axis=-1):
    """dy cut into pieces of the shapes of xs; a tuple of them, or the only one."""
    pieces = np.split(dy, np.cumsum([x.shape[axis] for x in xs])[:-1], axis)
    return tuple(pieces) if len(pieces) > 1 else pieces[0]


def up_sample(x, size=(), data_format="channels_last"):
    """Every element of the spatial axes `size` (2) times along its axis."""
    first = 2 if data_format == "channels_first" else 1
    for axis, times in enumerate(size or [2] * (x.ndim - 2), start=first):
        x = np.repeat(x, times, axis)
    return x


def _positions(indices, n):
    """(positions, which of them exist): indices below 0 count from the end."""
    at = np.where(indices < 0, indices + n, indices).astype(np.int64)
    return at, (at >= 0) & (at < n)


def take(x, indices, axis=0):
    """x[..., indices, ...] along axis; where there is none NaN, or 0 of integers."""
    at, exists = _positions(indices, x.shape[axis])
    axis %= x.ndim
    spread = exists.reshape(exists.shape + (1,) * (x.ndim - axis - 1))
    missing = x.dtype.type(np.nan if x.dtype.kind == "f" else 0)
    if x.shape[axis] == 0:
        return np.full(x.shape[:axis] + at.shape + x.shape[axis + 1 :], missing)
    return np.where(spread, np.take(x, np.where(exists, at, 0), axis), missing)


def take_backward(dy, indices, x, axis=0):
    """Zeros of the shape of x, with the rows of dy added at their indices."""
    at, exists = _positions(indices, x.shape[axis])
    axis %= x.ndim
    rows = dy.reshape(x.shape[:axis] + (at.size,) + x.shape[axis + 1 :])
    dx = np.zeros(x.shape, dy.dtype)
    found = exists.ravel()
    np.add.at(np.moveaxis(dx, axis, 0), at.ravel()[found], np.moveaxis(rows, axis, 0)[found])
    return dx


def one_hot(indices, num_classes=0, dtype="float32"):
    """1 at the index along a new last axis; zeros where there is no such class."""
    kind = np.float64 if "float" in dtype else np.dtype(dtype)
    return (indices[..., None] == np.arange(num_classes)).astype(kind)


def size(x, axes=()):
    """The product of the named sizes of x, or of all."""
    return np.float64(np.prod([x.shape[axis] for axis in axes] if axes else x.shape))


OPS = {
    "reshape": lambda x, shape=(): x.reshape(shape),
    "reshape_like": lambda x, like: x.reshape(like.shape),
    "flatten": flatten,
    "expand_dims": lambda x, axis=-1: np.expand_dims(x, axis),
    "squeeze": squeeze,
    "stop_gradient": lambda x: x,
    # the value alone: what the user tells of its gradient stands beside it, for the gradients' sake
    "custom_gradient": lambda y, upstream, *xs_and_gs: y,
    "transpose": transpose,
    "broadcast_to": broadcast_to,
    "broadcast_like": lambda x, like: np.broadcast_to(x, like.shape),
    "pad": pad,
    "slice": slice_op,
    "slice_backward": slice_backward,
    "concatenate": concatenate,
    "concatenate_backward": concatenate_backward,
    "up_sample": up_sample,
    "take": take,
    "take_backward": take_backward,
    "one_hot": one_hot,
    "size": size,
}
