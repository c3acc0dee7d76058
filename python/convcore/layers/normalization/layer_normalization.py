"""LayerNormalization."""

from typing import Any

from ... import ops
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
        rms_scaling: Keras's deprecated scaling by the variance; only False. Use `RMSNormalization`.

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
            raise ValueError(
                "LayerNormalization: rms_scaling must be False (use RMSNormalization), received "
                f"rms_scaling={rms_scaling!r}"
            )
        self.axis = check_axis(axis, "LayerNormalization")
        self.rms_scaling = False

    def build(self, input_shape: Any) -> None:
        self._make_weights(sizes(self, input_shape))

    def call(self, inputs: Any) -> Any:
        outputs = ops.layer_normalization(inputs, self.gamma, self.beta, self.axis, self.epsilon)
        return ops.cast(outputs, self.compute_dtype)
