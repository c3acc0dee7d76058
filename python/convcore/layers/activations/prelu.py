"""PReLU."""

from typing import Any

from ... import constraints, initializers, ops, regularizers
from ..input_spec import InputSpec
from ..layer import Layer


class PReLU(Layer):
    """max(0, x) - alpha * max(0, -x) with a learned `alpha`.

    Args:
        alpha_initializer, alpha_regularizer, alpha_constraint: of the weight `alpha`.
        shared_axes: axes (batch is 0) along which one alpha is shared, e.g. `[1, 2]` after a Conv2D; None
            for none.

    Weights: `alpha`, of the input's shape without the batch axis, 1 along shared axes.
    """

    def __init__(
        self,
        alpha_initializer: Any = "Zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = constraints.get(alpha_constraint)
        if shared_axes is not None:
            shared_axes = [shared_axes] if isinstance(shared_axes, int) else list(shared_axes)
        self.shared_axes = shared_axes
        self.supports_masking = True

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        shape = list(input_shape[1:])
        for axis in self.shared_axes or ():
            shape[axis - 1] = 1
        if None in shape:
            raise ValueError(
                f"PReLU '{self.name}': every axis that is not shared must be known, received input shape "
                f"{tuple(input_shape)} and shared_axes={self.shared_axes}"
            )
        self.alpha = self.add_weight(
            name="alpha",
            shape=tuple(shape),
            initializer=self.alpha_initializer,
            regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
        )
        known = {i: n for i, n in enumerate(input_shape) if i and i not in (self.shared_axes or ())}
        self.input_spec = InputSpec(ndim=len(input_shape), axes=known)

    def call(self, inputs: Any) -> Any:
        return ops.relu(inputs) - self.alpha * ops.relu(-inputs)
