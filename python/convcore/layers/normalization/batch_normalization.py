"""BatchNormalization."""

from typing import Any

from ... import constraints, initializers, ops, regularizers
from ...core.dispatch import apply
from ..common import to_statistics
from ..input_spec import InputSpec
from ..layer import Layer
from . import renormalization


class BatchNormalization(Layer):
    """Normalises each channel: `gamma * (x - mean) / sqrt(variance + epsilon) + beta`.

    In training, mean and (biased) variance are the batch's and move the averages:
    `moving = moving * momentum + batch * (1 - momentum)`.
    Otherwise, and always while `trainable` is False, the moving averages are used and stay.

    Args:
        axis: the channel axis. It does not follow `image_data_format`: pass 1 for channels_first.
        momentum: weight of the old value in the moving averages.
        epsilon: added to the variance.
        center, scale: whether to have `beta`, `gamma`.
        beta_initializer, gamma_initializer, moving_mean_initializer, moving_variance_initializer,
            beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint: of the weights.
        renorm: whether to correct the batch's statistics towards slow averages of them (batch
            renormalisation, for small batches); constants for the gradient.
        renorm_clipping: dict of the limits `rmin`, `rmax` of the scale and `dmax` of the offset.
        renorm_momentum: weight of the old value in the slow averages.
        synchronized: accepted; there is one process, so it changes nothing.

    Call arguments:
        inputs: of rank 2 or more.
        training: whether to use the batch's statistics.
        mask: optional bool array of the inputs' shape without the last axis; false positions do not count
            in the statistics.

    Weights: gamma, beta, moving_mean, moving_variance, each (channels,); with `renorm` then moving_stddev,
    renorm_mean, renorm_stddev.
    """

    def __init__(
        self,
        axis: Any = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: Any = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: Any = None,
        renorm_momentum: Any = 0.99,
        synchronized: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.axis = self._one_axis(axis)
        self.momentum = momentum
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        self.renorm = renorm
        self.renorm_clipping = (
            renormalization.checked_clipping(renorm_clipping) if renorm else renorm_clipping
        )
        self.renorm_momentum = renorm_momentum
        self.synchronized = synchronized
        self.supports_masking = True

    @staticmethod
    def _one_axis(axis: Any) -> Any:
        # files of Keras 2 hold a list of one
        if isinstance(axis, (list, tuple)) and len(axis) == 1:
            axis = axis[0]
        if isinstance(axis, bool) or not isinstance(axis, int):
            raise ValueError(f"BatchNormalization: axis must be an integer, received axis={axis!r}")
        return axis

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        ndim = len(input_shape)
        if not -ndim <= self.axis < ndim or input_shape[self.axis] is None:
            raise ValueError(
                f"BatchNormalization '{self.name}': axis {self.axis} must exist and have a known size, "
                f"received input shape {tuple(input_shape)}"
            )
        channels = input_shape[self.axis]
        self.input_spec = InputSpec(ndim=ndim, axes={self.axis: channels})
        self.gamma = self._weight("gamma", channels) if self.scale else None
        self.beta = self._weight("beta", channels) if self.center else None
        self.moving_mean = self._weight("moving_mean", channels, trainable=False)
        self.moving_variance = self._weight("moving_variance", channels, trainable=False)
        if self.renorm:
            renormalization.add_weights(self, channels)

    def _weight(self, name: str, channels: Any, trainable: bool = True) -> Any:
        return self.add_weight(
            name=name,
            shape=(channels,),
            initializer=getattr(self, f"{name}_initializer"),
            regularizer=getattr(self, f"{name}_regularizer", None),
            constraint=getattr(self, f"{name}_constraint", None),
            trainable=trainable,
            autocast=False,
        )

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        if mask is not None and len(mask.shape) != len(inputs.shape) - 1:
            raise ValueError(
                f"BatchNormalization '{self.name}': mask must have the shape of the inputs without the "
                "last axis, "
                f"received mask {tuple(mask.shape)} for inputs {tuple(inputs.shape)}"
            )
        return ops.cast(self._call(to_statistics(inputs, self), training, mask), self.compute_dtype)

    def _call(self, inputs: Any, training: bool | None, mask: Any) -> Any:
        if not (training and self.trainable):
            return self._normalise(inputs, self.moving_mean, self.moving_variance)
        if self.renorm:
            return self._renormalised(inputs, mask)
        if mask is None:
            outputs, mean, variance = self._batch(inputs)
        else:
            mean, variance = self._masked_moments(inputs, mask)
            outputs = self._normalise(inputs, mean, variance)
        for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + ops.stop_gradient(batch) * (1.0 - self.momentum))
        return outputs

    def _batch(self, inputs: Any) -> Any:
        channels = (inputs.shape[self.axis],)
        dtype = inputs.dtype
        gamma = ops.cast(self.gamma, dtype) if self.scale else ops.ones(channels, dtype=dtype)
        beta = ops.cast(self.beta, dtype) if self.center else ops.zeros(channels, dtype=dtype)
        return apply("batch_norm_training", inputs, gamma, beta, axis=self.axis, epsilon=float(self.epsilon))

    def _renormalised(self, inputs: Any, mask: Any) -> Any:
        if mask is None:
            axes = [i for i in range(len(inputs.shape)) if i != self.axis % len(inputs.shape)]
            mean, variance = ops.moments(inputs, axes)
        else:
            mean, variance = self._masked_moments(inputs, mask)
        scale, offset = renormalization.correction(self, mean, variance)
        renormalization.update(self, mean, variance)
        return ops.batch_normalization(
            inputs, mean, variance, self.axis, offset=offset, scale=scale, epsilon=self.epsilon
        )

    def _normalise(self, inputs: Any, mean: Any, variance: Any) -> Any:
        return ops.batch_normalization(
            inputs, mean, variance, self.axis, offset=self.beta, scale=self.gamma, epsilon=self.epsilon
        )

    def _masked_moments(self, inputs: Any, mask: Any) -> Any:
        axes = [i for i in range(len(inputs.shape)) if i != self.axis % len(inputs.shape)]
        weight = apply("broadcast_like", ops.expand_dims(ops.cast(mask, inputs.dtype), -1), inputs)
        count = ops.sum(weight, axis=axes, keepdims=True) + 1e-7
        mean = ops.sum(weight * inputs, axis=axes, keepdims=True) / count
        variance = ops.sum(weight * ops.square(inputs - mean), axis=axes, keepdims=True) / count
        flat = (inputs.shape[self.axis],)
        return ops.reshape(mean, flat), ops.reshape(variance, flat)
