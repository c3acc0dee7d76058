"""What every convolution layer shares: the window, weights with their settings, known channels."""

from typing import Any

from ... import activations, constraints, initializers, regularizers
from ...core.arguments import standardize_data_format, standardize_padding, standardize_tuple
from ..common import channel_axis
from ..input_spec import InputSpec
from ..layer import Layer


class WindowedLayer(Layer):
    """A layer with `rank` spatial axes, a window that slides over them, a bias and an activation."""

    rank: int
    always_writes_activity_regularizer = True

    def _set_window(
        self,
        kernel_size: Any,
        strides: Any,
        padding: Any,
        data_format: Any,
        dilation_rate: Any,
        words: tuple[str, ...] = ("valid", "same"),
    ) -> None:
        self.kernel_size = standardize_tuple(kernel_size, self.rank, "kernel_size")
        self.strides = standardize_tuple(strides, self.rank, "strides")
        self.padding = standardize_padding(padding, words)
        self.data_format = standardize_data_format(data_format)
        self.dilation_rate = standardize_tuple(dilation_rate, self.rank, "dilation_rate")
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def _refuse_strides_with_dilation(self) -> None:
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                f"{type(self).__name__}: `strides > 1` not supported in conjunction with `dilation_rate > "
                f"1`. Received: strides={self.strides} and dilation_rate={self.dilation_rate}. Set one of "
                "them to 1."
            )

    def _set_end(self, activation: Any, use_bias: bool, *bias_settings: Any) -> None:
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self._set_weight("bias", *bias_settings)

    def _set_weight(self, kind: str, initializer: Any, regularizer: Any, constraint: Any) -> None:
        setattr(self, f"{kind}_initializer", initializers.get(initializer))
        setattr(self, f"{kind}_regularizer", regularizers.get(regularizer))
        setattr(self, f"{kind}_constraint", constraints.get(constraint))

    def _channels(self, input_shape: tuple[int | None, ...]) -> int:
        """The number of input channels, from now on demanded of every input."""
        axis = channel_axis(self.data_format)
        channels = input_shape[axis]
        if channels is None:
            raise ValueError(
                f"{type(self).__name__} '{self.name}': the channel axis {axis} of the input must be known, "
                f"received shape {tuple(input_shape)}"
            )
        self.input_spec = InputSpec(ndim=self.rank + 2, axes={axis: channels})
        return channels

    def _add(self, name: str, shape: tuple[int, ...], kind: str) -> Any:
        """The weight `name`, made as the arguments `<kind>_initializer` and so on say."""
        return self.add_weight(
            name=name,
            shape=shape,
            initializer=getattr(self, f"{kind}_initializer"),
            regularizer=getattr(self, f"{kind}_regularizer"),
            constraint=getattr(self, f"{kind}_constraint"),
        )

    def _add_bias(self, size: int) -> None:
        self.bias = self._add("bias", (size,), "bias") if self.use_bias else None

    def _with_bias(self, *kernels: Any) -> list[Any]:
        return [*kernels] if self.bias is None else [*kernels, self.bias]

    def _window(self) -> dict[str, Any]:
        """The window as attributes of an op."""
        return {
            "strides": self.strides,
            "padding": self.padding,
            "dilation_rate": self.dilation_rate,
            "data_format": self.data_format,
        }
