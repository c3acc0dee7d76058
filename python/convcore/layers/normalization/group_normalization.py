"""GroupNormalization."""

from typing import Any

from ... import ops
from ..common import to_statistics
from ..input_spec import InputSpec
from .scale_and_center import ScaleAndCenter


class GroupNormalization(ScaleAndCenter):
    """Normalises each sample by groups of neighbouring channels.

    Mean and (biased) variance are taken over all axes but the batch and, of the channels, over one group.
    Wu and He, Group Normalization, ECCV 2018.

    Args:
        groups: how many; -1 means one channel each (instance normalisation). Divides the channels.
        axis: the channel axis.
        epsilon: added to the variance.
        center, scale: whether to have `beta`, `gamma`.
        beta_initializer, gamma_initializer, beta_regularizer, gamma_regularizer, beta_constraint,
            gamma_constraint: of the weights.

    Weights: gamma, beta, each (channels,).
    """

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
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
        if isinstance(groups, bool) or not isinstance(groups, int) or (groups <= 0 and groups != -1):
            raise ValueError(
                "GroupNormalization: Invalid value for argument `groups`: expected a positive integer, or -1 "
                f"for one group per channel. Received: groups={groups!r}"
            )
        self.groups = groups
        self.axis = axis

    def build(self, input_shape: Any) -> None:
        ndim = len(input_shape)
        if not -ndim <= self.axis < ndim or input_shape[self.axis] is None:
            raise ValueError(
                f"GroupNormalization '{self.name}': axis {self.axis} of the input tensor should have a "
                f"defined dimension but the layer received an input with shape {tuple(input_shape)}"
            )
        channels = input_shape[self.axis]
        if self.groups == -1:
            self.groups = channels
        if channels < self.groups or channels % self.groups:
            # Keras's words for the second case have it the wrong way round; what is in brackets is right.
            rule = (
                "cannot be more than the number of channels"
                if channels < self.groups
                else "must be a multiple of the number of channels (that is, the channels a multiple of it)"
            )
            raise ValueError(
                f"GroupNormalization '{self.name}': the number of groups {rule}. Received: {channels} "
                f"channels and groups={self.groups}"
            )
        self.input_spec = InputSpec(ndim=ndim, axes={self.axis: channels})
        self._make_weights((channels,))

    def call(self, inputs: Any) -> Any:
        inputs = to_statistics(inputs, self)
        rank, channels = len(inputs.shape), inputs.shape[self.axis]
        lying = [1] * rank
        lying[self.axis] = channels
        deviation = inputs - self._group_mean(inputs, lying)
        factor = ops.rsqrt(self._group_mean(ops.square(deviation), lying) + self.epsilon)
        if self.gamma is not None:
            factor = factor * ops.reshape(ops.cast(self.gamma, inputs.dtype), lying)
        outputs = deviation * factor
        if self.beta is not None:
            outputs = outputs + ops.reshape(ops.cast(self.beta, inputs.dtype), lying)
        return ops.cast(outputs, self.compute_dtype)

    def _group_mean(self, x: Any, lying: list[int]) -> Any:
        """The mean of each channel's group, of size 1 along all axes but batch and channels."""
        axis = self.axis % len(lying)
        each = ops.mean(x, axis=[i for i in range(1, len(lying)) if i != axis], keepdims=True)
        members = lying[axis] // self.groups
        if members > 1:
            grouped = ops.mean(ops.reshape(each, (-1, self.groups, members)), axis=2, keepdims=True)
            each = grouped * ops.ones((members,), dtype=str(x.dtype))
        return ops.reshape(each, [-1, *lying[1:]])
