"""Dense."""

from typing import Any

from ... import activations, constraints, initializers, regularizers
from ...core.arguments import positive_int
from ...core.dispatch import apply
from ..common import to_float
from ..input_spec import InputSpec
from ..low_rank import LowRank, adapted


class Dense(LowRank):
    """A matrix product along the last axis, plus bias and activation.

    Args:
        units: size of the output's last axis.
        activation: name or callable applied last.
        use_bias: whether to add a bias per unit.
        kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
            kernel_constraint, bias_constraint: names, configurations or objects of `convcore.initializers`,
            `convcore.regularizers` and `convcore.constraints`.
        lora_rank, lora_alpha: arguments of `enable_lora`, which is then part of building; None for none.
        quantization_config: accepted for compatibility; only None.

    Weights: `kernel` (inputs, units), `bias` (units,).

    Input shape: `(batch, ..., inputs)`, at least two axes; nothing is flattened.

    Output shape: `(batch, ..., units)`.

    Example:

    >>> import numpy as np
    >>> Dense(3)(np.ones((2, 5), "float32")).shape
    (2, 3)
    """

    kernel: Any = adapted("kernel")

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: Any = None,
        lora_alpha: Any = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        if quantization_config is not None:
            raise ValueError(
                "Dense: quantization_config is not available in convcore, expected None, received "
                f"{quantization_config!r}"
            )
        self._set_low_rank(lora_rank, lora_alpha)
        self.units = positive_int(units, "units", type(self).__name__)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.quantization_config = None
        self.input_spec = InputSpec(min_ndim=2)
        self.supports_masking = True

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        size = input_shape[-1]
        if size is None:
            raise ValueError(
                f"Dense '{self.name}': the last axis of the input must be known, received shape "
                f"{tuple(input_shape)}"
            )
        self.kernel = self.add_weight(
            name="kernel",
            shape=(size, self.units),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=(self.units,),
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )
        self.input_spec = InputSpec(min_ndim=2, axes={-1: size})
        self._adapt_if_asked()

    def call(self, inputs: Any) -> Any:
        weights = [self.kernel] if self.bias is None else [self.kernel, self.bias]
        outputs = apply("dense", to_float(inputs, self), *weights)
        return outputs if self.activation is None else self.activation(outputs)
