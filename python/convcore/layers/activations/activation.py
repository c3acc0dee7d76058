"""Activation."""

from typing import Any

from ... import activations
from ..layer import Layer


class Activation(Layer):
    """Applies an activation function.

    Args:
        activation: a name or a callable.
    """

    def __init__(self, activation: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        return self.activation(inputs)
