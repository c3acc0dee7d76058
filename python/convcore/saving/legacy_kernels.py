"""Kernels of Keras 1 and of the Theano backend, in today's order of axes."""

import numpy as np

_CONVOLUTIONS = ("Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose", "DepthwiseConv2D", "SeparableConv2D")


def converted(layer, arrays, version, backend):
    """The arrays of one layer of a file, as the layer keeps them.

    Args:
        layer: The layer that gets them.
        arrays: What the file holds.
        version: The file's keras_version.
        backend: The file's backend; Theano's convolutions turn their kernels around.
    """
    kind = type(layer).__name__
    if not arrays or kind not in _CONVOLUTIONS:
        return arrays
    kernel = arrays[0]
    if version.startswith("1."):
        kernel = _keras_1(kind, kernel, tuple(layer.weights[0].shape))
    if backend == "theano" and kind != "SeparableConv2D":
        spatial = tuple(range(kernel.ndim - 2))
        kernel = np.flip(kernel, spatial)
    return [np.ascontiguousarray(kernel), *arrays[1:]]


def _keras_1(kind, kernel, wanted):
    """Keras 1 kept 1D kernels as 2D ones, and channels_first kernels with the filters in front."""
    if kind == "Conv1D" and kernel.ndim == 4:
        if kernel.shape[0] != wanted[0] or kernel.shape[1] != 1:
            kernel = kernel.transpose(2, 3, 1, 0)
        return kernel[:, 0]
    if tuple(kernel.shape) == wanted:
        return kernel
    if kind == "Conv2D":
        return kernel.transpose(2, 3, 1, 0)
    if kind == "Conv3D":
        return kernel.transpose(2, 3, 4, 1, 0)
    return kernel
