"""The one convolution layer; Conv1D, Conv2D and Conv3D fix its rank."""

from typing import Any

from ... import activations, constraints, initializers, regularizers
from ...core.arguments import positive_int, standardize_data_format, standardize_padding, standardize_tuple
from ...core.dispatch import apply
from ..common import channel_axis, to_float
from ..input_spec import InputSpec
from ..layer import Layer


class BaseConv(Layer):
    """Convolution (cross-correlation) over `rank` spatial axes, plus bias and activation.

    Args:
        filters: number of output channels.
        kernel_size: an int or a tuple of `rank` ints, the size of the window.
        strides: an int or a tuple, the step of the window. Strides above 1 exclude dilation rates above 1.
        padding: `"valid"` (none), `"same"` (output size is input size / strides, rounded up) or, for rank 1,
            `"causal"` (output t does not see inputs after t * strides).
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        dilation_rate: an int or a tuple, the distance between the window's elements.
        groups: number of blocks of channels that are convolved apart; divides `filters` and the number of
            input channels.
        activation: name or callable applied last.
        use_bias: whether to add a bias per filter.
        kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
            kernel_constraint, bias_constraint: as everywhere.

    Weights: `kernel` (window.., channels / groups, filters), the same for both data formats;
    `bias` (filters,).
    """

    rank: int
    always_writes_activity_regularizer = True

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
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.filters = positive_int(filters, "filters", type(self).__name__)
        self.kernel_size = standardize_tuple(kernel_size, self.rank, "kernel_size")
        self.strides = standardize_tuple(strides, self.rank, "strides")
        self.padding = standardize_padding(
            padding, ("valid", "same", "causal") if self.rank == 1 else ("valid", "same")
        )
        self.data_format = standardize_data_format(data_format)
        self.dilation_rate = standardize_tuple(dilation_rate, self.rank, "dilation_rate")
        self.groups = positive_int(groups, "groups", type(self).__name__)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.input_spec = InputSpec(ndim=self.rank + 2)
        self._check_arguments()

    def _check_arguments(self) -> None:
        where = type(self).__name__
        if self.filters % self.groups:
            raise ValueError(
                f"{where}: filters must be divisible by groups, received filters={self.filters} and "
                f"groups={self.groups}"
            )
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                f"{where}: strides > 1 and dilation_rate > 1 exclude each other, "
                f"received strides={self.strides} and dilation_rate={self.dilation_rate}"
            )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        axis = channel_axis(self.data_format)
        channels = input_shape[axis]
        where = f"{type(self).__name__} '{self.name}'"
        if channels is None:
            raise ValueError(
                f"{where}: the channel axis {axis} of the input must be known, received shape "
                f"{tuple(input_shape)}"
            )
        if channels % self.groups:
            raise ValueError(
                f"{where}: the number of input channels must be divisible by groups, received {channels} "
                f"channels, groups={self.groups} and input shape {tuple(input_shape)}"
            )
        self.input_spec = InputSpec(ndim=self.rank + 2, axes={axis: channels})
        self.kernel = self.add_weight(
            name="kernel",
            shape=(*self.kernel_size, channels // self.groups, self.filters),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=(self.filters,),
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    def call(self, inputs: Any) -> Any:
        weights = [self.kernel] if self.bias is None else [self.kernel, self.bias]
        outputs = apply(
            "conv",
            to_float(inputs, self),
            *weights,
            strides=self.strides,
            padding=self.padding,
            dilation_rate=self.dilation_rate,
            groups=self.groups,
            data_format=self.data_format,
        )
        return self.activation(outputs)
