"""Where the axes of images are, and how integers come out of float arithmetic."""

from ...core import dtypes
from ...core.arguments import standardize_data_format
from ...core.dispatch import apply
from ..promotion import float_tensor, tensor

_LIMITS = {"uint8": (0, 255), "int32": (-(2**31), 2**31 - 1), "uint32": (0, 2**32 - 1)}


def check_images(images, name):
    """The rank of ``images``, 3 or 4; else ValueError."""
    rank = len(images.shape)
    if rank not in (3, 4):
        raise ValueError(
            f"{name}: Invalid images rank: expected rank 3 (one image) or rank 4 (a batch of images). "
            f"Received: images of rank {rank}, shape {tuple(images.shape)}"
        )
    return rank


def image_axes(rank, data_format):
    """(height, width, channels) as non-negative axes."""
    if standardize_data_format(data_format) == "channels_last":
        return rank - 3, rank - 2, rank - 1
    return rank - 2, rank - 1, rank - 3


def known_sizes(images, data_format, name):
    """(height, width) as integers; ValueError where they are not known while recording."""
    height, width, _ = image_axes(len(images.shape), data_format)
    sizes = images.shape[height], images.shape[width]
    if None in sizes:
        raise ValueError(f"{name}: expected images of known size; received shape {tuple(images.shape)}")
    return sizes


def on_batch(images, function):
    """``function`` of a batch, applied to a batch or to one image."""
    if len(images.shape) == 4:
        return function(images)
    return apply("squeeze", function(apply("expand_dims", images, axis=0)), axes=[0])


def as_float(images):
    """``images`` in a float dtype."""
    return float_tensor(images)


def in_dtype(x, dtype):
    """Float ``x`` in ``dtype``: integers are rounded, halves to even, and kept within their range."""
    dtype = str(dtype)
    if dtypes.is_integer(dtype):
        x = apply("round", x)
        if dtype in _LIMITS:
            low, high = _LIMITS[dtype]
            x = apply("clip", x, min=float(low), max=float(high))
    return tensor(x, dtype)
