"""ReLU."""

from typing import Any

from ... import activations
from ..layer import Layer


class ReLU(Layer):
    """max(x, 0), with an optional slope below a threshold and an optional cap.

    Args:
        max_value: the cap (>= 0), None for none.
        negative_slope: factor (>= 0) of x - threshold below the threshold.
        threshold: where the activation begins (>= 0).
    """

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if max_value is not None and max_value < 0:
            raise ValueError(
                "max_value of a ReLU layer cannot be a negative value, expected a number >= 0 or None. "
                f"Received: max_value={max_value!r}"
            )
        for name, value in (("negative_slope", negative_slope), ("threshold", threshold)):
            if value is None or value < 0:
                raise ValueError(
                    f"{name} of a ReLU layer cannot be None or a negative value, expected a number >= 0. "
                    f"Received: {name}={value!r}"
                )
        self.max_value = max_value
        self.negative_slope = negative_slope
        self.threshold = threshold
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        return activations.relu(inputs, self.negative_slope, self.max_value, self.threshold)
