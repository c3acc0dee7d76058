"""LeakyReLU."""

import warnings
from typing import Any

from ... import activations
from ..layer import Layer


class LeakyReLU(Layer):
    """x if x > 0 else negative_slope * x.

    Args:
        negative_slope: a number >= 0 (0.3; the function `leaky_relu` has 0.2). The old keyword `alpha` is
            accepted with a warning.
    """

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any) -> None:
        if "alpha" in kwargs:
            negative_slope = kwargs.pop("alpha")
            warnings.warn("LeakyReLU: the argument alpha is deprecated, use negative_slope", stacklevel=2)
        super().__init__(**kwargs)
        if negative_slope is None or negative_slope < 0:
            raise ValueError(
                "LeakyReLU: The negative_slope value of a Leaky ReLU layer cannot be None or a negative "
                f"value, expected a number >= 0. Received: negative_slope={negative_slope!r}"
            )
        self.negative_slope = negative_slope
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        return activations.leaky_relu(inputs, self.negative_slope)

    def get_config(self) -> dict[str, Any]:
        # written out, because the old keyword must not appear
        return {**super().get_config(), "negative_slope": self.negative_slope}
