"""EinsumDense."""

import re
from typing import Any

from ... import activations, constraints, initializers, ops, regularizers
from ...initializers import VarianceScaling
from ..common import to_float
from ..input_spec import InputSpec
from ..low_rank import LowRank, adapted


class EinsumDense(LowRank):
    """A dense layer over any axes: the sum of products of inputs and kernel that `equation` names.

    Args:
        equation: as `"abc,cd->abd"`: letters of the inputs, of the kernel and of the outputs. The first axis
            is the batch; `...` at the left or the right stands for axes that stay as they are.
        output_shape: sizes of the outputs without the batch and without what `...` stands for; None where
            the size is that of the inputs.
        activation: name or callable applied last.
        bias_axes: letters of the outputs that have a bias of their own; None: no bias.
        kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, kernel_constraint,
            bias_constraint: names, configurations or objects of `convcore.initializers`,
            `convcore.regularizers` and `convcore.constraints`.
        lora_rank, lora_alpha: arguments of `enable_lora`, which is then part of building; None for none.
        gptq_unpacked_column_size, quantization_config: not available, only None.

    Weights: `kernel`, with the sizes of its letters; `bias`, with those of `bias_axes` and 1 between them.

    Raises:
        ValueError: the equation has another form, or does not fit the shapes.
    """

    always_writes_activity_regularizer = True

    def __init__(
        self,
        equation: str,
        output_shape: Any,
        activation: Any = None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: Any = None,
        lora_alpha: Any = None,
        gptq_unpacked_column_size: Any = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        for name, value in (
            ("gptq_unpacked_column_size", gptq_unpacked_column_size),
            ("quantization_config", quantization_config),
        ):
            if value is not None:
                raise ValueError(
                    f"EinsumDense: {name} is not available in convcore, expected None, received {value!r}"
                )
        self.equation = equation
        self.partial_output_shape = (output_shape,) if isinstance(output_shape, int) else tuple(output_shape)
        self.activation = activations.get(activation)
        self.bias_axes = bias_axes
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.quantization_config = None
        self._set_low_rank(lora_rank, lora_alpha)

    always_unwritten = ("gptq_unpacked_column_size",)
    kernel: Any = adapted("kernel")

    def _argument(self, key: str, value: Any) -> Any:
        return self.partial_output_shape if key == "output_shape" else super()._argument(key, value)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        sizes = _Sizes(self.equation, input_shape, self.partial_output_shape)
        kernel_shape, input_axes, output_axes = sizes.kernel()
        initializer = self.kernel_initializer
        if isinstance(initializer, VarianceScaling) and None in (
            initializer.input_axes,
            initializer.output_axes,
        ):
            config = {**initializer.get_config(), "input_axes": input_axes, "output_axes": output_axes}
            initializer = type(initializer).from_config({**config, "seed": initializer.seed})
        self.kernel = self.add_weight(
            name="kernel",
            shape=kernel_shape,
            initializer=initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = None
        if self.bias_axes is not None:
            self.bias = self.add_weight(
                name="bias",
                shape=sizes.bias(self.bias_axes),
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )
        self.input_spec = InputSpec(ndim=len(input_shape))
        self._adapt_if_asked()

    def compute_output_shape(self, input_shape: Any) -> Any:
        return _Sizes(self.equation, input_shape, self.partial_output_shape).output_shape()

    def call(self, inputs: Any) -> Any:
        outputs = ops.einsum(self.equation, to_float(inputs, self), self.kernel)
        if self.bias is not None:
            outputs = ops.add(outputs, self.bias)
        return outputs if self.activation is None else self.activation(outputs)


class _Sizes:
    """The sizes of an equation's letters, for inputs and partial outputs of given shapes."""

    def __init__(self, equation: str, input_shape: Any, partial: Any) -> None:
        patterns = (
            r"(\w+),(\w+)->(\w+)",
            r"\.\.\.(\w+),(\w+)->\.\.\.(\w+)",
            r"(\w{2,})\.\.\.,(\w+)->(\w+)\.\.\.",
        )
        found = [re.fullmatch(pattern, equation.replace(" ", "")) for pattern in patterns]
        match = next((m for m in found if m), None)
        if match is None:
            raise ValueError(
                f"EinsumDense: Invalid einsum equation '{equation}'. Equations must be in the form "
                "[X],[Y]->[Z], ...[X],[Y]->...[Z], or [X]...,[Y]->[Z]...."
            )
        self.inputs, self.weights, self.letters = match.groups()
        self.left = match is found[1]
        self.elided = len(input_shape) - len(self.inputs)
        shape, outputs = list(input_shape), [input_shape[0], *partial]
        if self.elided > 0:
            place = 1 if self.left else len(outputs)
            outputs[place:place] = shape[1 : self.elided] if self.left else shape[len(shape) - self.elided :]
        self.outputs = outputs
        skipped = self.elided if self.left else 0
        self.of_input = dict(zip(self.inputs, shape[skipped:], strict=False))
        self.of_output = dict(zip(self.letters, outputs[skipped:], strict=False))
        self.skipped = skipped
        self._check()

    def output_shape(self) -> tuple[int | None, ...]:
        """The outputs' shape; a size that was left open is the input's of the same letter."""
        shape = list(self.outputs)
        for i, c in enumerate(self.letters, self.skipped):
            shape[i] = self.of_input.get(c) if shape[i] is None else shape[i]
        return tuple(shape)

    def _check(self) -> None:
        for c, size in self.of_input.items():
            other = self.of_output.get(c)
            if other is not None and other != size:
                raise ValueError(
                    "EinsumDense: Input shape and output shape do not match at shared dimension "
                    f"'{c}'. Input shape is {size}, and output shape is {other}."
                )
        for c in self.letters:
            if c not in self.inputs and c not in self.weights:
                raise ValueError(
                    f"EinsumDense: Dimension '{c}' was specified in the output '{self.letters}' but has no "
                    f"corresponding dim in the input spec '{self.inputs}' or weight spec '{self.weights}'"
                )

    def kernel(self) -> tuple[tuple[int, ...], list[int], list[int]]:
        """The kernel's shape, and which of its axes are of the inputs and of the outputs."""
        shape, ins, outs = [], [], []
        for i, c in enumerate(self.weights):
            if c in self.of_output:
                shape.append(self.of_output[c])
                outs.append(i)
            elif c in self.of_input:
                shape.append(self.of_input[c])
                ins.append(i)
            else:
                raise ValueError(
                    f"EinsumDense: Weight dimension '{c}' did not have a match in either the input spec "
                    f"'{self.inputs}' or the output spec '{self.letters}'. For this layer, the weight must "
                    "be fully specified."
                )
        return tuple(shape), ins, outs

    def bias(self, axes: str) -> tuple[int, ...]:
        for c in axes:
            if c not in self.letters:
                raise ValueError(
                    f"EinsumDense: Bias dimension '{c}' was requested, but is not part of the output spec "
                    f"'{self.letters}'"
                )
        first = min(self.letters.find(c) for c in axes)
        shape = [self.of_output[c] if c in axes else 1 for c in self.letters[first:]]
        return (*shape, *[1] * (0 if self.left else self.elided))
