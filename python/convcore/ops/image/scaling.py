"""Tensors resampled at another scale and place along any axes."""

import numpy as np

from ...core.dispatch import apply, operation
from ..elementwise import sinc
from ..numpy import logical_and, where
from ..promotion import float_tensor, tensor
from ..shapes import matmul, moveaxis
from .layout import as_float


def _triangle(x):
    return apply("maximum", 1.0 - x, 0.0)


def _cubic(x):
    """Keys's kernel with a = -0.5, of distances."""
    near = ((1.5 * x - 2.5) * x) * x + 1.0
    far = ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    return where(x >= 2.0, 0.0, where(x >= 1.0, far, near))


def _lanczos(radius):
    return lambda x: where(x >= radius, 0.0, sinc(x) * sinc(x / radius))


_KERNELS = {
    **dict.fromkeys(("linear", "bilinear", "trilinear", "triangle"), _triangle),
    **dict.fromkeys(("cubic", "bicubic", "tricubic"), _cubic),
    "lanczos3": _lanczos(3.0),
    "lanczos5": _lanczos(5.0),
}


def _weights(size, target, scale, translation, kernel, antialias):
    """``(size, target)``: how much of each element is in each element of the result."""
    inverse = 1.0 / scale
    places = (np.arange(target, dtype="float32") + 0.5) * inverse - translation * inverse - 0.5
    width = apply("maximum", inverse, 1.0) if antialias else 1.0
    distances = apply("abs", apply("expand_dims", places, axis=0) - np.arange(size, dtype="float32")[:, None])
    weights = kernel(distances / width)
    total = apply("sum", weights, axes=[0], keepdims=True)
    # of a window that lies between the elements nothing is left
    some = apply("abs", total) > 1000.0 * float(np.finfo("float32").eps)
    weights = where(some, weights / where(some, total, 1.0), 0.0)
    inside = logical_and(places >= -0.5, places <= size - 0.5)
    return where(apply("expand_dims", inside, axis=0), weights, 0.0)


@operation
def scale_and_translate(images, output_shape, scale, translation, spatial_dims, method, antialias=True):
    """``images`` resampled: what is at x along an axis comes to ``x * scale + translation``, the first
    element reaching from 0 to 1. What lies outside is 0.

    Args:
        images: A tensor of any rank.
        output_shape: Its shape afterwards; all sizes but those of ``spatial_dims`` stay.
        scale, translation: One number for each of ``spatial_dims``, ``(k,)``.
        spatial_dims: The axes, k integers.
        method: ``linear`` (``bilinear``, ``trilinear``, ``triangle``), ``cubic`` (``bicubic``, ``tricubic``;
            Keys, a = -0.5), ``lanczos3`` or ``lanczos5``.
        antialias: Whether the kernel is widened when shrinking.
    """
    if method not in _KERNELS:
        raise ValueError(
            f"scale_and_translate: argument `method`: expected one of {tuple(_KERNELS)}; received {method!r}"
        )
    images = float_tensor(images)
    given, images = str(images.dtype), as_float(images)
    rank = len(images.shape)
    if len(output_shape) != rank:
        raise ValueError(
            f"scale_and_translate: expected an output_shape of {rank} sizes; received {tuple(output_shape)}"
        )
    scale, translation = tensor(scale, "float32"), tensor(translation, "float32")
    for i, axis in enumerate(spatial_dims):
        axis = axis % rank
        size, target = images.shape[axis], int(output_shape[axis])
        if size is None:
            raise ValueError(
                f"scale_and_translate: expected known sizes along the axes {tuple(spatial_dims)}; received "
                f"shape {tuple(images.shape)}"
            )
        weights = _weights(size, target, scale[i], translation[i], _KERNELS[method], antialias)
        images = moveaxis(matmul(moveaxis(images, axis, -1), tensor(weights, str(images.dtype))), -1, axis)
    return tensor(images, given)
