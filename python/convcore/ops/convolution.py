"""Convolutions under the names and signatures of ``keras.ops``."""

from ..core.arguments import repeated, standardize_data_format
from ..core.dispatch import apply, operation
from .promotion import promoted


def _checked(name, inputs, kernel, data_format, form, axis):
    """The channels of ``inputs``, if known; ValueError unless the kernel fits in rank and channels."""
    channels = inputs.shape[-1 if data_format == "channels_last" else 1]
    ranks_agree = len(kernel.shape) == len(inputs.shape)
    fits = ranks_agree and (channels is None or axis is None or channels == kernel.shape[axis])
    if not fits:
        raise _misfit(name, inputs, kernel, form)
    return channels


def _misfit(name, inputs, kernel, form):
    rule = "input channels must match the kernel" if len(kernel.shape) == len(inputs.shape) else "other rank"
    return ValueError(
        f"{name}: {rule}: expected a kernel {form} for inputs of shape {tuple(inputs.shape)}; "
        f"received {tuple(kernel.shape)}"
    )


def _window(strides, padding, data_format, dilation_rate, rank):
    return {
        "strides": repeated(strides, rank),
        "padding": padding.lower(),
        "data_format": data_format,
        "dilation_rate": repeated(dilation_rate, rank),
    }


@operation
def conv(inputs, kernel, strides=1, padding="valid", data_format=None, dilation_rate=1):
    """Convolution of rank 1 to 3; groups follow from the channels of ``inputs`` and ``kernel``."""
    inputs, kernel = promoted(inputs, kernel)
    data_format = standardize_data_format(data_format)
    form = "(spatial sizes, channels / groups, filters)"
    channels = _checked("conv", inputs, kernel, data_format, form, None)
    if channels is None or channels % kernel.shape[-2]:
        raise _misfit("conv", inputs, kernel, form)
    window = _window(strides, padding, data_format, dilation_rate, len(inputs.shape) - 2)
    return apply("conv", inputs, kernel, groups=channels // kernel.shape[-2], **window)


def depthwise(inputs, kernel, *bias, **window):
    """A convolution in as many groups as there are channels, the kernel (sizes.., channels, multiplier)."""
    *sizes, channels, multiplier = kernel.shape
    kernel = apply("reshape", kernel, shape=[*sizes, 1, channels * multiplier])
    return apply("conv", inputs, kernel, *bias, groups=channels, **window)


@operation
def depthwise_conv(inputs, kernel, strides=1, padding="valid", data_format=None, dilation_rate=1):
    """Each channel under filters of its own; ``kernel`` is (spatial sizes, channels, multiplier)."""
    inputs, kernel = promoted(inputs, kernel)
    data_format = standardize_data_format(data_format)
    form = "(spatial sizes, channels, multiplier)"
    _checked("depthwise_conv", inputs, kernel, data_format, form, -2)
    window = _window(strides, padding, data_format, dilation_rate, len(inputs.shape) - 2)
    return depthwise(inputs, kernel, **window)


@operation
def separable_conv(
    inputs,
    depthwise_kernel,
    pointwise_kernel,
    strides=1,
    padding="valid",
    data_format=None,
    dilation_rate=1,
):
    """A depthwise convolution, then one of window size 1 with ``pointwise_kernel``."""
    between = depthwise_conv(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return conv(between, pointwise_kernel, data_format=data_format)


@operation
def conv_transpose(
    inputs, kernel, strides=1, padding="valid", output_padding=None, data_format=None, dilation_rate=1
):
    """Transposed convolution of rank 1 to 3; ``kernel`` is (spatial sizes, filters, channels)."""
    inputs, kernel = promoted(inputs, kernel)
    data_format = standardize_data_format(data_format)
    _checked("conv_transpose", inputs, kernel, data_format, "(spatial sizes, filters, channels)", -1)
    rank = len(inputs.shape) - 2
    more = [] if output_padding is None else repeated(output_padding, rank)
    window = _window(strides, padding, data_format, dilation_rate, rank)
    return apply("conv_transpose", inputs, kernel, output_padding=more, **window)


__all__ = ["conv", "conv_transpose", "depthwise_conv", "separable_conv"]
