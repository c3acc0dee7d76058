"""LossScaleOptimizer: a factor on the loss that follows the range of the gradients."""

from .. import ops
from ..core.dtypes import at_least_float32
from .optimizer import COMMON, Optimizer
from .update import is_overwritten, keep_unless

_DEFAULTS = dict.fromkeys(COMMON) | {"use_ema": False, "ema_momentum": 0.99}


def all_finite(gradients):
    """Whether no gradient holds NaN or an infinity. Sums tell: they keep those, reading each number once.
    One that overflows float32 is of gradients that the scale made too large all the same.
    """
    sums = [ops.sum(ops.cast(gradient, at_least_float32(gradient.dtype))) for gradient in gradients]
    return ops.all(ops.stack([ops.isfinite(total) for total in sums])) if sums else True


class LossScaleOptimizer(Optimizer):
    """Scales the loss, gives gradients without the scale to another optimizer, and adapts the scale.

    A step with a gradient that is not finite changes no weight and halves the scale; after
    `dynamic_growth_steps` finite steps in a row the scale is doubled.

    Args:
        inner_optimizer: The optimizer that updates the variables.
        initial_scale: The scale of the first step.
        dynamic_growth_steps: The number of finite steps after which the scale grows.
        name: Name of the optimizer.
        **kwargs: Nothing else; other settings belong to `inner_optimizer`.
    """

    def __init__(
        self, inner_optimizer, initial_scale=2.0**15, dynamic_growth_steps=2000, name=None, **kwargs
    ):
        if not kwargs.pop("dynamic", True):
            raise ValueError(
                "LossScaleOptimizer: expected dynamic=True. For a constant factor set `loss_scale_factor` of "
                "the inner optimizer."
            )
        unknown = [key for key in kwargs if key not in _DEFAULTS]
        if unknown:
            names = ", ".join(f"`{key}`" for key in unknown)
            raise ValueError(f"LossScaleOptimizer: expected none of the arguments: {names}")
        for key, value in kwargs.items():  # files of older versions have them all, with their defaults
            if value != _DEFAULTS[key]:
                raise ValueError(
                    f"LossScaleOptimizer: argument {key!r} is not supported; set it on the `inner_optimizer`."
                    f" Received: {key}={value!r}"
                )
        super().__init__(0.0, name=name)
        self.inner_optimizer = inner_optimizer
        self.initial_scale = initial_scale
        self.dynamic_growth_steps = dynamic_growth_steps
        inner_optimizer.loss_scale_factor = None  # or gradients would be scaled twice

    def build(self, variables):
        if self.built:
            return
        from ..initializers import Constant

        self.step_counter = self.add_variable((), dtype="int32", name="step_counter")
        start = Constant(self.initial_scale)
        self.dynamic_scale = self.add_variable((), start, dtype="float32", name="dynamic_scale")
        self.inner_optimizer.build(variables)
        super().build(variables)

    @property
    def variables(self):
        return self._variables + self.inner_optimizer.variables

    @property
    def parts(self):
        return self.inner_optimizer.parts

    @property
    def learning_rate(self):
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, rate):
        self.inner_optimizer.learning_rate = rate

    def refresh_learning_rate(self):
        self.inner_optimizer.refresh_learning_rate()

    @property
    def iterations(self):
        return self.inner_optimizer.iterations

    @iterations.setter
    def iterations(self, variable):
        self.inner_optimizer.iterations = variable

    def scale_loss(self, loss):
        return loss * ops.convert_to_tensor(self.dynamic_scale if self.built else self.initial_scale)

    def apply(self, grads, trainable_variables=None):
        if len(grads) == 0:
            return
        variables = self._known_variables(len(grads), trainable_variables)
        finite = all_finite([gradient for gradient in grads if gradient is not None])
        scale = ops.convert_to_tensor(self.dynamic_scale)
        unscaled = [
            g if g is None or is_overwritten(v) else g / ops.cast(scale, g.dtype)
            for g, v in zip(grads, variables, strict=True)
        ]
        states = [*variables, *self.inner_optimizer.variables]
        keep_unless(finite, states, lambda: self.inner_optimizer.apply(unscaled, variables))
        count = ops.convert_to_tensor(self.step_counter)
        grows = ops.logical_and(finite, ops.equal(count, self.dynamic_growth_steps - 1))
        counts_on = ops.logical_and(finite, ops.logical_not(grows))
        self.step_counter.assign(ops.where(counts_on, count + 1, 0))
        factor = ops.where(finite, ops.where(grows, 2.0, 1.0), 0.5)
        self.dynamic_scale.assign(scale * ops.cast(factor, scale.dtype))

    def finalize_variable_values(self, var_list=None):
        self.inner_optimizer.finalize_variable_values(var_list)

    def get_config(self):
        from ..saving import serialize_keras_object

        return {
            "name": self.name,
            "inner_optimizer": serialize_keras_object(self.inner_optimizer),
            "initial_scale": self.initial_scale,
            "dynamic_growth_steps": self.dynamic_growth_steps,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        from ..saving import deserialize_keras_object

        config = dict(config)
        inner = deserialize_keras_object(config.pop("inner_optimizer"), custom_objects=custom_objects)
        return cls(inner, **config)
