"""The Adam family: steps scaled by running means of gradients and of their squares.

The scalars of a step are computed once in `begin_step`; the update of a variable is elementwise, so that it
becomes one pass over memory.
"""

from .. import ops
from ..config import floatx
from .optimizer import Optimizer


class Adam(Optimizer):
    """Adam: `w -= alpha * m / (sqrt(v) + epsilon)` with `alpha = learning_rate * sqrt(1 - beta_2^t) / (1 -
    beta_1^t)`.

    Epsilon is added to the root before bias correction ("epsilon hat" of the paper).

    Args:
        learning_rate: A float, a schedule, or a callable without arguments.
        beta_1: Decay of the running mean of gradients.
        beta_2: Decay of the running mean of squares.
        epsilon: Keeps the division finite.
        amsgrad: Whether to divide by the largest `v` so far.
        *args, **kwargs: The common arguments of `Optimizer`, from `weight_decay` on.
    """

    def __init__(
        self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False, *args, **kwargs
    ):
        super().__init__(learning_rate, *args, **kwargs)
        self.beta_1, self.beta_2 = beta_1, beta_2
        self.epsilon = epsilon
        self.amsgrad = amsgrad

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self._momentums, self._velocities = self.add_optimizer_variables(variables, ["momentum", "velocity"])
        if self.amsgrad:
            self._velocity_hats = self.add_optimizer_variables(variables, "velocity_hat")

    def begin_step(self, learning_rate):
        step = ops.cast(self.iterations + 1, floatx())
        root = ops.sqrt(1.0 - ops.power(self.beta_2, step))
        self._alpha = ops.cast(learning_rate, floatx()) * root / (1.0 - ops.power(self.beta_1, step))

    def update_step(self, gradient, variable, learning_rate):
        gradient = ops.cast(gradient, variable.dtype)
        alpha = ops.cast(self._alpha, variable.dtype)
        index = self._get_variable_index(variable)
        m, v = self._momentums[index], self._velocities[index]
        m.assign(m + (gradient - m) * (1.0 - self.beta_1))
        v.assign(v + (ops.square(gradient) - v) * (1.0 - self.beta_2))
        scale = v
        if self.amsgrad:
            scale = self._velocity_hats[index]
            scale.assign(ops.maximum(scale, v))
        variable.assign(variable - m * alpha / (ops.sqrt(scale) + self.epsilon))

    def get_config(self):
        names = ("beta_1", "beta_2", "epsilon", "amsgrad")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


class AdamW(Adam):
    """Adam with decoupled weight decay: before each update `w -= w * weight_decay * learning_rate`."""

    def __init__(
        self,
        learning_rate=0.001,
        weight_decay=0.004,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-7,
        amsgrad=False,
        *args,
        **kwargs,
    ):
        if weight_decay is None:
            raise ValueError(
                "AdamW: `weight_decay` must be a float. Received: weight_decay=None. Use Adam without decay."
            )
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay, *args, **kwargs)


class Adamax(Optimizer):
    """Adam with the largest gradient size so far instead of the root of mean squares."""

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, *args, **kwargs):
        super().__init__(learning_rate, *args, **kwargs)
        self.beta_1, self.beta_2 = beta_1, beta_2
        self.epsilon = epsilon

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self._m, self._u = self.add_optimizer_variables(variables, ["momentum", "norm"])

    def begin_step(self, learning_rate):
        step = ops.cast(self.iterations + 1, floatx())
        self._rate = ops.cast(learning_rate, floatx()) / (1.0 - ops.power(self.beta_1, step))

    def update_step(self, gradient, variable, learning_rate):
        gradient = ops.cast(gradient, variable.dtype)
        rate = ops.cast(self._rate, variable.dtype)
        index = self._get_variable_index(variable)
        m, u = self._m[index], self._u[index]
        m.assign(m + (gradient - m) * (1.0 - self.beta_1))
        u.assign(ops.maximum(u * self.beta_2, ops.abs(gradient)))
        variable.assign(variable - m * rate / (u + self.epsilon))

    def get_config(self):
        names = ("beta_1", "beta_2", "epsilon")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


class Nadam(Optimizer):
    """Adam with Nesterov momentum, whose weight grows over the steps."""

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, *args, **kwargs):
        super().__init__(learning_rate, *args, **kwargs)
        self.beta_1, self.beta_2 = beta_1, beta_2
        self.epsilon = epsilon

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self._momentums, self._velocities = self.add_optimizer_variables(variables, ["momentum", "velocity"])
        self._u_product = self._make_variable(1.0, variables[0].dtype if variables else floatx(), "variable")

    def begin_step(self, learning_rate):
        dtype = self._u_product.dtype
        step = ops.cast(self.iterations + 1, dtype)
        now = self.beta_1 * (1.0 - 0.5 * ops.power(0.96, step))
        following = self.beta_1 * (1.0 - 0.5 * ops.power(0.96, step + 1.0))
        self._u_product.assign(self._u_product * now)
        product = ops.convert_to_tensor(self._u_product)
        rate = ops.cast(learning_rate, dtype)
        self._scale_m = rate * following / (1.0 - product * following)
        self._scale_g = rate * (1.0 - now) / (1.0 - product)
        self._scale_v = 1.0 - ops.power(self.beta_2, step)

    def update_step(self, gradient, variable, learning_rate):
        gradient = ops.cast(gradient, variable.dtype)
        index = self._get_variable_index(variable)
        m, v = self._momentums[index], self._velocities[index]
        m.assign(m + (gradient - m) * (1.0 - self.beta_1))
        v.assign(v + (ops.square(gradient) - v) * (1.0 - self.beta_2))
        step = m * self._scale_m + gradient * self._scale_g
        variable.assign(variable - step / (ops.sqrt(v / self._scale_v) + self.epsilon))

    def get_config(self):
        names = ("beta_1", "beta_2", "epsilon")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


class Lamb(Optimizer):
    """Adam whose step is scaled per variable to the norm of its weights."""

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, *args, **kwargs):
        super().__init__(learning_rate, *args, **kwargs)
        self.beta_1, self.beta_2 = beta_1, beta_2
        self.epsilon = epsilon

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self._momentums, self._velocities = self.add_optimizer_variables(variables, ["momentum", "velocity"])

    def begin_step(self, learning_rate):
        step = ops.cast(self.iterations + 1, floatx())
        self._scale_m = 1.0 - ops.power(self.beta_1, step)
        self._scale_v = 1.0 - ops.power(self.beta_2, step)

    def update_step(self, gradient, variable, learning_rate):
        dtype = variable.dtype
        gradient = ops.cast(gradient, dtype)
        index = self._get_variable_index(variable)
        m, v = self._momentums[index], self._velocities[index]
        m.assign(m + (gradient - m) * (1.0 - self.beta_1))
        v.assign(v + (ops.square(gradient) - v) * (1.0 - self.beta_2))
        root = ops.sqrt(v / ops.cast(self._scale_v, dtype)) + self.epsilon
        step = m / ops.cast(self._scale_m, dtype) / root
        size = ops.sqrt(ops.sum(ops.square(ops.convert_to_tensor(variable))))
        length = ops.sqrt(ops.sum(ops.square(step)))
        both = ops.logical_and(ops.greater(size, 0.0), ops.greater(length, 0.0))
        ratio = ops.where(both, ops.divide_no_nan(size, length), 1.0)
        variable.assign(variable - step * (ratio * ops.cast(learning_rate, dtype)))

    def get_config(self):
        names = ("beta_1", "beta_2", "epsilon")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
