"""RMSNormalization."""

from typing import Any

from ... import ops
from ..layer import Layer
from .axes import check_axis, sizes


class RMSNormalization(Layer):
    """Divides each sample by its root mean square: `x / sqrt(mean(x * x) + epsilon) * scale`.

    Zhang and Sennrich, Root Mean Square Layer Normalization, NeurIPS 2019.

    Args:
        axis: an int or a list of ints, the axes of the mean. A list once the layer is built.
        epsilon: added to the mean of the squares.

    Weights: scale, of the input's sizes along `axis`, ones at first.
    """

    def __init__(self, axis: Any = -1, epsilon: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = check_axis(axis, "RMSNormalization")
        self.epsilon = epsilon

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight(name="scale", shape=sizes(self, input_shape), initializer="ones")

    def call(self, inputs: Any) -> Any:
        return ops.rms_normalization(inputs, self.scale, self.axis, self.epsilon)
