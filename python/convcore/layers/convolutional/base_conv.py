"""The one convolution layer; Conv1D, Conv2D and Conv3D fix its rank."""

from typing import Any

from ...core.arguments import positive_int
from ...core.dispatch import apply
from ...ops.numpy import add
from ...ops.shapes import reshape
from ..common import channel_axis, to_float
from ..low_rank import LowRank, adapted
from .windowed_layer import WindowedLayer


class BaseConv(LowRank, WindowedLayer):
    """Convolution (cross-correlation) over `rank` spatial axes, plus bias and activation.

    Args:
        filters: number of output channels.
        kernel_size: an int or a tuple of {ints}, the size of the window.
        strides: an int or a tuple, the step of the window. Strides above 1 exclude dilation rates above 1.
        padding: `"valid"` (none), `"same"` (output size is input size / strides, rounded up) or, for rank 1,
            `"causal"` (output t does not see inputs after t * strides).
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        dilation_rate: an int or a tuple, the distance between the window's elements.
        groups: number of blocks of channels that are convolved apart; divides `filters` and the number of
            input channels.
        activation: name or callable applied last; None for none.
        use_bias: whether to add a bias per filter.
        kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
            kernel_constraint, bias_constraint: names, configurations or objects of `convcore.initializers`,
            `convcore.regularizers` and `convcore.constraints`.
        lora_rank, lora_alpha: by name only; arguments of `enable_lora`, which is then part of building.

    Raises:
        ValueError: for an argument out of its range; in the call, for an input of another rank, of another
            number of channels than at the first call, or smaller than the window with `"valid"`.

    Input shape: `(batch, {sizes}, channels)`, or `(batch, channels, {sizes})` under `"channels_first"`.

    Output shape: `(batch, {sizes}, filters)`. An axis of n elements becomes, with
    `reach = (kernel_size - 1) * dilation_rate + 1`, `(n - reach) // strides + 1` elements for `"valid"` and
    `n / strides`, rounded up, otherwise.

    Weights: `kernel` (window.., channels / groups, filters), the same for both data formats;
    `bias` (filters,).
    """

    kernel: Any = adapted("kernel")

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        groups: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        low_rank = kwargs.pop("lora_rank", None), kwargs.pop("lora_alpha", None)
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self._set_low_rank(*low_rank)
        words = ("valid", "same", "causal") if self.rank == 1 else ("valid", "same")
        self.filters = positive_int(filters, "filters", type(self).__name__)
        self._set_window(kernel_size, strides, padding, data_format, dilation_rate, words)
        self.groups = positive_int(groups, "groups", type(self).__name__)
        self._set_weight("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        self._set_end(activation, use_bias, bias_initializer, bias_regularizer, bias_constraint)
        if self.filters % self.groups:
            raise ValueError(
                f"{type(self).__name__}: filters must be divisible by groups, received "
                f"filters={self.filters} and groups={self.groups}"
            )
        self._refuse_strides_with_dilation()

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = self._channels(input_shape)
        if channels % self.groups:
            raise ValueError(
                f"{type(self).__name__} '{self.name}': the number of input channels must be divisible by "
                f"groups, received {channels} channels, groups={self.groups} and input shape "
                f"{tuple(input_shape)}"
            )
        self.kernel = self._add(
            "kernel", (*self.kernel_size, channels // self.groups, self.filters), "kernel"
        )
        self._add_bias(self.filters)
        self._adapt_if_asked()

    def call(self, inputs: Any) -> Any:
        inputs = to_float(inputs, self)
        if type(self).convolution_op is BaseConv.convolution_op:
            outputs = self._convolved(inputs, *self._with_bias(self.kernel))
        else:
            outputs = self.convolution_op(inputs, self.kernel)
            if self.bias is not None:
                axis = channel_axis(self.data_format) % (self.rank + 2)
                shape = [self.filters if i == axis else 1 for i in range(self.rank + 2)]
                outputs = add(outputs, reshape(self.bias, shape))
        return outputs if self.activation is None else self.activation(outputs)

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        """The convolution alone, without bias and activation: for subclasses whose `call` convolves with
        another kernel, such as a standardised one, or which override this method.
        """
        return self._convolved(to_float(inputs, self), kernel)

    def _convolved(self, inputs: Any, *weights: Any) -> Any:
        return apply("conv", inputs, *weights, groups=self.groups, **self._window())
