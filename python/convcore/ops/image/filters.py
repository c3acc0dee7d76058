"""Images under fixed filters: blurred, and their edges."""

import numpy as np

from ...core.arguments import standardize_data_format, standardize_tuple
from ...core.dispatch import apply, operation
from ..promotion import tensor
from .layout import as_float, check_images, image_axes, in_dtype, on_batch


def depthwise(images, kernel, data_format):
    """Each channel of a batch of images under ``kernel`` (height, width), zeros outside."""
    data_format = standardize_data_format(data_format)
    channels = images.shape[image_axes(4, data_format)[2]]
    height, width = kernel.shape
    kernel = apply("reshape", tensor(kernel, str(images.dtype)), shape=[height, width, 1, 1])
    if channels > 1:
        kernel = apply("concatenate", *[kernel] * channels, axis=-1)
    return apply("conv", images, kernel, padding="same", data_format=data_format, groups=channels)


def _bell(size, sigma, dtype):
    """Gaussian weights of sum 1."""
    place = np.arange(size, dtype=dtype) - (size - 1) / 2
    weight = apply(
        "exp", apply("multiply", apply("square", apply("divide", place.astype(dtype), sigma)), -0.5)
    )
    return apply("divide", weight, apply("sum", weight, axes=[0], keepdims=True))


@operation
def gaussian_blur(images, kernel_size=(3, 3), sigma=(1.0, 1.0), data_format=None):
    """Images under a Gaussian filter, zeros outside.

    Args:
        kernel_size: (width, height) of the filter, as in Keras.
        sigma: Standard deviations along the width and the height; two numbers or a tensor of two.
    """
    images = tensor(images)
    check_images(images, "gaussian_blur")
    values = as_float(images)
    dtype = str(values.dtype)
    width, height = standardize_tuple(kernel_size, 2, "kernel_size")
    sigma = tensor(sigma if hasattr(sigma, "dtype") else np.asarray(sigma, dtype), dtype)

    def deviation(i):
        return apply("slice", sigma, begin=[i], end=[i + 1], strides=[1])

    across = apply("reshape", _bell(width, deviation(0), dtype), shape=[1, width])
    down = apply("reshape", _bell(height, deviation(1), dtype), shape=[height, 1])
    blurred = on_batch(values, lambda x: depthwise(depthwise(x, down, data_format), across, data_format))
    return in_dtype(blurred, images.dtype)


_SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], "float32")


@operation
def sobel_edges(images, data_format=None):
    """The vertical and the horizontal Sobel gradient (dy, dx) of each channel, in a new last axis."""
    images = as_float(tensor(images))
    if check_images(images, "sobel_edges") != 4:
        raise ValueError(f"sobel_edges: expected a batch of images; received shape {tuple(images.shape)}")
    edges = [
        apply("expand_dims", depthwise(images, kernel, data_format), axis=4)
        for kernel in (_SOBEL.T.copy(), _SOBEL)
    ]
    return apply("concatenate", *edges, axis=4)


__all__ = ["gaussian_blur", "sobel_edges"]
