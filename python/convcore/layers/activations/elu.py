"""ELU."""

from typing import Any

from ... import activations
from ..layer import Layer


class ELU(Layer):
    """x if x > 0 else alpha * (exp(x) - 1).

    Args:
        alpha: scale of the negative part.
    """

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = alpha
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        return activations.elu(inputs, self.alpha)
