"""The one depthwise convolution layer; DepthwiseConv1D and DepthwiseConv2D fix its rank."""

from typing import Any

from ...core.arguments import positive_int
from ...ops.convolution import depthwise
from ..common import to_float
from .windowed_layer import WindowedLayer


class BaseDepthwiseConv(WindowedLayer):
    """Convolves each channel with its own `depth_multiplier` filters, plus bias and activation.

    Args:
        kernel_size: an int or a tuple of {ints}, the size of the window.
        strides: an int or a tuple, the step of the window; may be combined with dilation.
        padding: `"valid"` (none) or `"same"` (output size is input size / strides, rounded up).
        depth_multiplier: number of filters per input channel.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        dilation_rate: an int or a tuple, the distance between the window's elements.
        activation: name or callable applied last; None for none.
        use_bias: whether to add a bias per output channel.
        depthwise_initializer, bias_initializer, depthwise_regularizer, bias_regularizer,
            activity_regularizer, depthwise_constraint, bias_constraint: names, configurations or objects of
            `convcore.initializers`, `convcore.regularizers` and `convcore.constraints`.

    Raises:
        ValueError: for an argument out of its range; in the call, for an input of another rank, of another
            number of channels than at the first call, or smaller than the window with `"valid"`.

    Input shape: `(batch, {sizes}, channels)`, or `(batch, channels, {sizes})` under `"channels_first"`.

    Output shape: `(batch, {sizes}, channels * depth_multiplier)`, the sizes as those of a convolution. Output
    channel `c * depth_multiplier + q` is input channel `c` under its filter `q`.

    Weights: `kernel` (window.., channels, depth_multiplier), the same for both data formats;
    `bias` (channels * depth_multiplier,).
    """

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.depth_multiplier = positive_int(depth_multiplier, "depth_multiplier", type(self).__name__)
        self._set_window(kernel_size, strides, padding, data_format, dilation_rate)
        self._set_weight("depthwise", depthwise_initializer, depthwise_regularizer, depthwise_constraint)
        self._set_end(activation, use_bias, bias_initializer, bias_regularizer, bias_constraint)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = self._channels(input_shape)
        self.kernel = self._add("kernel", (*self.kernel_size, channels, self.depth_multiplier), "depthwise")
        self._add_bias(channels * self.depth_multiplier)

    def call(self, inputs: Any) -> Any:
        outputs = depthwise(to_float(inputs, self), *self._with_bias(self.kernel), **self._window())
        return outputs if self.activation is None else self.activation(outputs)
