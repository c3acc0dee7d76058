"""The one transposed convolution layer; Conv1DTranspose, Conv2DTranspose and Conv3DTranspose fix its rank."""

from typing import Any

from ...core.arguments import positive_int, standardize_tuple
from ...core.dispatch import apply
from ..common import to_float
from .windowed_layer import WindowedLayer


class BaseConvTranspose(WindowedLayer):
    """Transposed convolution over `rank` spatial axes, plus bias and activation.

    Input element p is spread over the output elements `p * strides + t * dilation_rate`, t over the window:
    the gradient of a convolution with respect to its input.

    Args:
        filters: number of output channels.
        kernel_size: an int or a tuple of {ints}, the size of the window.
        strides: an int or a tuple, the distance between neighbours in the output. Strides above 1 exclude
            dilation rates above 1.
        padding: `"valid"` (all elements are kept) or `"same"` (cropped evenly, less in front).
        output_padding: an int or a tuple, less than `strides`, that fixes the output size; None (which is
            not the same as 0) for the sizes below.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        dilation_rate: an int or a tuple, the distance between the window's elements.
        activation: name or callable applied last; None for none.
        use_bias: whether to add a bias per filter.
        kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
            kernel_constraint, bias_constraint: names, configurations or objects of `convcore.initializers`,
            `convcore.regularizers` and `convcore.constraints`.

    Raises:
        ValueError: for an argument out of its range; in the call, for an input of another rank, of another
            number of channels than at the first call, or smaller than the window with `"valid"`.

    Input shape: `(batch, {sizes}, channels)`, or `(batch, channels, {sizes})` under `"channels_first"`.

    Output shape: `(batch, {sizes}, filters)`. An axis of n elements becomes, with
    `reach = (kernel_size - 1) * dilation_rate + 1`, `(n - 1) * strides + max(reach, strides)` elements for
    `"valid"` and `n * strides` for `"same"`; with `output_padding`, `(n - 1) * strides + output_padding` and
    `reach` (`"valid"`) or `reach % 2` (`"same"`) more.

    Weights: `kernel` (window.., filters, channels), the same for both data formats; `bias` (filters,).
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = 1,
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
        self._set_window(kernel_size, strides, padding, data_format, dilation_rate)
        self._set_output_padding(output_padding)
        self._set_weight("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        self._set_end(activation, use_bias, bias_initializer, bias_regularizer, bias_constraint)
        self._refuse_strides_with_dilation()

    def _set_output_padding(self, output_padding: Any) -> None:
        self.output_padding = None
        if output_padding is None:
            return
        self.output_padding = standardize_tuple(output_padding, self.rank, "output_padding", allow_zero=True)
        for axis, (more, stride) in enumerate(zip(self.output_padding, self.strides, strict=True)):
            if more >= stride:
                raise ValueError(
                    f"{type(self).__name__}: `output_padding` must be strictly less than `strides`, at axis "
                    f"{axis} it is {more} with stride {stride}; received "
                    f"output_padding={self.output_padding} and strides={self.strides}"
                )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = self._channels(input_shape)
        self.kernel = self._add("kernel", (*self.kernel_size, self.filters, channels), "kernel")
        self._add_bias(self.filters)

    def call(self, inputs: Any) -> Any:
        outputs = apply(
            "conv_transpose",
            to_float(inputs, self),
            *self._with_bias(self.kernel),
            output_padding=self.output_padding or (),
            **self._window(),
        )
        return outputs if self.activation is None else self.activation(outputs)
