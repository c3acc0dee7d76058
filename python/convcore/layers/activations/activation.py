"""Activation."""

from ... import activations
from ..common import describe
from ..layer import Layer


class Activation(Layer):
    """Applies an activation function.

    Args:
        activation: a name or a callable.
    """

    def __init__(self, activation, **kwargs):
        super().__init__(**kwargs)
        self.activation = activations.get(activation)
        self.supports_masking = True

    def call(self, inputs):
        return self.activation(inputs)

    def get_config(self):
        return {**super().get_config(), **describe(self, Activation)}
