"""ScheduleFreeAdamW: Adam that averages its weights instead of lowering the learning rate."""

from .. import ops
from .adam import TwoMoments


class ScheduleFreeAdamW(TwoMoments):
    """Schedule-free AdamW: Defazio et al., 2024, arXiv:2405.15682.

    The variables lie between a sequence of steps, `momentum`, and its mean.

    Args:
        learning_rate: A float, a schedule, or a callable without arguments.
        beta_1: The share of the mean in the variables.
        beta_2: Decay of the running mean of squares.
        epsilon: Keeps the division finite.
        warmup_steps: The number of steps over which the learning rate rises from 0.
    """

    arguments = (*TwoMoments.arguments, "warmup_steps")

    def __init__(
        self, learning_rate=0.0025, beta_1=0.9, beta_2=0.999, epsilon=1e-8, warmup_steps=0, *args, **kwargs
    ):
        super().__init__(learning_rate, beta_1, beta_2, epsilon, *args, **kwargs)
        self.warmup_steps = warmup_steps

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        for momentum, variable in zip(self._momentums, variables, strict=True):
            momentum.assign(variable.numpy())

    def update_step(self, gradient, variable, learning_rate):
        dtype = variable.dtype
        gradient = ops.cast(gradient, dtype)
        step = ops.cast(self.iterations + 1, dtype)
        rate = ops.cast(learning_rate, dtype)
        if self.warmup_steps > 0:
            rate = rate * ops.minimum(step / float(self.warmup_steps), 1.0)
        index = self._get_variable_index(variable)
        z, v = self._momentums[index], self._velocities[index]
        mean = (variable - z * (1.0 - self.beta_1)) / self.beta_1
        v.assign(self.size(gradient, v))
        root = ops.sqrt(v / self.bias_correction(self.beta_2, dtype)) + self.epsilon
        z.assign(z - rate * gradient / root)
        weight = 1.0 / step
        mean = mean * (1.0 - weight) + z * weight
        variable.assign(z * (1.0 - self.beta_1) + mean * self.beta_1)
