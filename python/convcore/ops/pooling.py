"""Pooling of rank 1 to 3, under the names of ``keras.ops``."""

from ..core.arguments import repeated, standardize_data_format
from ..core.dispatch import apply, operation
from .promotion import float_tensor


def _pool(op, inputs, pool_size, strides, padding, data_format):
    inputs = float_tensor(inputs)
    rank = len(inputs.shape) - 2
    pool_size = repeated(pool_size, rank)
    return apply(
        op,
        inputs,
        pool_size=pool_size,
        strides=pool_size if strides is None else repeated(strides, rank),
        padding=padding.lower(),
        data_format=standardize_data_format(data_format),
    )


@operation
def max_pool(inputs, pool_size, strides=None, padding="valid", data_format=None):
    """The largest element of each window.

    Args:
        inputs: `(batch, height, width, channels)`, or of rank 3 or 5 for one or three spatial axes.
        pool_size: An int or a tuple, the size of the window.
        strides: An int or a tuple, the step of the window; None means `pool_size`.
        padding: `"valid"` (none) or `"same"` (output size is input size / strides, rounded up).
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
    """
    return _pool("max_pool", inputs, pool_size, strides, padding, data_format)


@operation
def average_pool(inputs, pool_size, strides=None, padding="valid", data_format=None):
    """Padded positions do not count in the divisor."""
    return _pool("average_pool", inputs, pool_size, strides, padding, data_format)


def _adaptive_pool(op, inputs, output_size, data_format):
    inputs = float_tensor(inputs)
    size = repeated(output_size, len(inputs.shape) - 2)
    return apply(op, inputs, output_size=size, data_format=standardize_data_format(data_format))


@operation
def adaptive_average_pool(inputs, output_size, data_format=None):
    """Means of windows that share the spatial axes evenly, ``output_size`` of them."""
    return _adaptive_pool("average_pool", inputs, output_size, data_format)


@operation
def adaptive_max_pool(inputs, output_size, data_format=None):
    """Maxima of windows that share the spatial axes evenly, ``output_size`` of them."""
    return _adaptive_pool("max_pool", inputs, output_size, data_format)


@operation
def l2_pool(inputs, pool_size, strides=None, padding="valid", data_format=None):
    """The root of the sum of squares in each window."""
    return _pool("l2_pool", inputs, pool_size, strides, padding, data_format)
