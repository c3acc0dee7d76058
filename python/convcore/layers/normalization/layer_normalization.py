"""LayerNormalization."""

import warnings
from typing import Any

from ... import ops
from ...ops.normalization import scaled_by_deviation
from .axes import check_axis, sizes
from .scale_and_center import ScaleAndCenter


class LayerNormalization(ScaleAndCenter):
    """Normalises each sample: `gamma * (x - mean) / sqrt(variance + epsilon) + beta`.

    Mean and (biased) variance are taken over `axis` of every sample, in training and outside it alike.

    Args:
        axis: an int or a list of ints, the axes that are normalised over. A list once the layer is built.
        epsilon: added to the variance.
        center, scale: whether to have `beta`, `gamma`.
        beta_initializer, gamma_initializer, beta_regularizer, gamma_regularizer, beta_constraint,
            gamma_constraint: of the weights.
        rms_scaling: deprecated: `gamma * x / sqrt(variance + epsilon)`, which is no root mean square. Use
            `RMSNormalization`.

    Weights: gamma, beta, of the input's sizes along `axis`.
    """

    def __init__(
        self,
        axis: Any = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        *,
        rms_scaling: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            epsilon,
            center,
            scale,
            (beta_initializer, beta_regularizer, beta_constraint),
            (gamma_initializer, gamma_regularizer, gamma_constraint),
            **kwargs,
        )
        if rms_scaling:
            warnings.warn(
                "LayerNormalization: rms_scaling=True is deprecated: it divides by the deviation, not by the "
                "root mean square. Use RMSNormalization.",
                stacklevel=2,
            )
        self.axis = check_axis(axis, "LayerNormalization")
        self.rms_scaling = bool(rms_scaling)

    def build(self, input_shape: Any) -> None:
        shape = sizes(self, input_shape)
        self.gamma = self._weight("gamma", shape) if self.scale or self.rms_scaling else None
        self.beta = self._weight("beta", shape) if self.center and not self.rms_scaling else None

    def call(self, inputs: Any) -> Any:
        if self.rms_scaling:
            outputs = scaled_by_deviation(inputs, self.gamma, self.axis, self.epsilon)
            return ops.cast(outputs, self.compute_dtype)
        outputs = ops.layer_normalization(inputs, self.gamma, self.beta, self.axis, self.epsilon)
        return ops.cast(outputs, self.compute_dtype)
