"""The one separable convolution layer; SeparableConv1D and SeparableConv2D fix its rank."""

from typing import Any

from ...core.arguments import positive_int
from ...core.dispatch import apply
from ...ops.convolution import depthwise
from ..common import to_float
from .windowed_layer import WindowedLayer


class BaseSeparableConv(WindowedLayer):
    """A depthwise convolution, then a convolution of window size 1 with bias and activation.

    Args:
        filters: number of output channels.
        kernel_size: an int or a tuple of {ints}, the size of the depthwise window.
        strides: an int or a tuple, the step of the window; may be combined with dilation.
        padding: `"valid"` (none) or `"same"` (output size is input size / strides, rounded up).
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        dilation_rate: an int or a tuple, the distance between the window's elements.
        depth_multiplier: number of depthwise filters per input channel.
        activation: name or callable applied last; None for none.
        use_bias: whether to add a bias per filter.
        depthwise_initializer, pointwise_initializer, bias_initializer, depthwise_regularizer,
            pointwise_regularizer, bias_regularizer, activity_regularizer, depthwise_constraint,
            pointwise_constraint, bias_constraint: names, configurations or objects of
            `convcore.initializers`, `convcore.regularizers` and `convcore.constraints`.

    Raises:
        ValueError: for an argument out of its range; in the call, for an input of another rank, of another
            number of channels than at the first call, or smaller than the window with `"valid"`.

    Input shape: `(batch, {sizes}, channels)`, or `(batch, channels, {sizes})` under `"channels_first"`.

    Output shape: `(batch, {sizes}, filters)`, the sizes as those of a convolution.

    Weights: `depthwise_kernel` (window.., channels, depth_multiplier), `pointwise_kernel`
    (1.., channels * depth_multiplier, filters), the same for both data formats; `bias` (filters,).
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.filters = positive_int(filters, "filters", type(self).__name__)
        self.depth_multiplier = positive_int(depth_multiplier, "depth_multiplier", type(self).__name__)
        self._set_window(kernel_size, strides, padding, data_format, dilation_rate)
        self._set_weight("depthwise", depthwise_initializer, depthwise_regularizer, depthwise_constraint)
        self._set_weight("pointwise", pointwise_initializer, pointwise_regularizer, pointwise_constraint)
        self._set_end(activation, use_bias, bias_initializer, bias_regularizer, bias_constraint)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = self._channels(input_shape)
        between = channels * self.depth_multiplier
        self.depthwise_kernel = self._add(
            "depthwise_kernel", (*self.kernel_size, channels, self.depth_multiplier), "depthwise"
        )
        self.pointwise_kernel = self._add(
            "pointwise_kernel", (*(1,) * self.rank, between, self.filters), "pointwise"
        )
        self._add_bias(self.filters)

    def call(self, inputs: Any) -> Any:
        between = depthwise(to_float(inputs, self), self.depthwise_kernel, **self._window())
        weights = self._with_bias(self.pointwise_kernel)
        outputs = apply("conv", between, *weights, data_format=self.data_format)
        return outputs if self.activation is None else self.activation(outputs)
