"""Where the axes of images are, and how integers come out of float arithmetic."""

import numpy as np

from ...core import dtypes
from ...core.arguments import standardize_data_format
from ...core.dispatch import apply
from ..promotion import float_tensor, tensor


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
    """``images`` in a float dtype that holds places of pixels: float32 for the half types."""
    images = float_tensor(images)
    return tensor(images, dtypes.at_least_float32(str(images.dtype)))


def in_dtype(x, dtype):
    """Float ``x`` in ``dtype``: integers are rounded, halves to even, and kept within their range."""
    dtype = str(dtype)
    if dtypes.is_integer(dtype):
        x = apply("round", x)
        if dtype != "int64":
            limits = np.iinfo(dtype)
            x = apply("clip", x, min=float(limits.min), max=float(limits.max))
    return tensor(x, dtype)
