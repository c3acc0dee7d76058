"""ActivityRegularization."""

from typing import Any

from ... import regularizers
from ..layer import Layer


class ActivityRegularization(Layer):
    """The identity; adds `(l1 * sum(abs(x)) + l2 * sum(x * x)) / batch` to the losses.

    Args:
        l1, l2: the factors, >= 0.
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        try:
            penalty = regularizers.L1L2(l1=l1, l2=l2)
        except ValueError as error:
            raise ValueError(f"ActivityRegularization: {error}") from None
        super().__init__(activity_regularizer=penalty, **kwargs)
        self.l1, self.l2 = l1, l2
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        return inputs
