"""The Adam family: steps scaled by running means of gradients and of their squares.

The scalars of a step are computed once in `begin_step`; the update of a variable is elementwise, so that it
becomes one pass over memory.
"""

import numpy as np

from .. import ops
from ..config import floatx
from ..core.variable import Variable
from .optimizer import Optimizer


class TwoMoments(Optimizer):
    """Base of the family: keeps a running mean of the gradients, and a second slot for their sizes.

    Args:
        learning_rate: A float, a schedule, or a callable without arguments.
        beta_1: Decay of the running mean of gradients.
        beta_2: Decay of the second slot.
        epsilon: Keeps the division finite.
    """

    arguments: tuple[str, ...] = ("beta_1", "beta_2", "epsilon")
    slots: tuple[str, str] = ("momentum", "velocity")

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, *args, **kwargs):
        super().__init__(learning_rate, *args, **kwargs)
        self.beta_1, self.beta_2 = beta_1, beta_2
        self.epsilon = epsilon

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self._momentums, self._velocities = self.add_optimizer_variables(variables, self.slots)

    def advance(self, gradient, variable):
        """Updates the running means; returns the gradient and them."""
        gradient = ops.cast(gradient, variable.dtype)
        index = self._get_variable_index(variable)
        m, v = self._momentums[index], self._velocities[index]
        m.assign(m + (gradient - m) * (1.0 - self.beta_1))
        v.assign(self.size(gradient, v))
        return gradient, m, v

    def size(self, gradient, v):
        """The next value of the second slot: the running mean of squares."""
        return v + (ops.square(gradient) - v) * (1.0 - self.beta_2)

    def bias_correction(self, beta, dtype=None):
        """1 - beta^t in step t."""
        return 1.0 - ops.power(beta, ops.cast(self.iterations + 1, dtype or floatx()))


class Adam(TwoMoments):
    """Adam: `w -= alpha * m / (sqrt(v) + epsilon)` with `alpha = learning_rate * sqrt(1 - beta_2^t) / (1 -
    beta_1^t)`.

    Epsilon is added to the root before bias correction ("epsilon hat" of the paper).

    Args:
        learning_rate: A float, a schedule, or a callable without arguments.
        beta_1: Decay of the running mean of gradients.
        beta_2: Decay of the running mean of squares.
        epsilon: Keeps the division finite.
        amsgrad: Whether to divide by the largest `v` so far.
    """

    arguments = (*TwoMoments.arguments, "amsgrad")

    def __init__(
        self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False, *args, **kwargs
    ):
        super().__init__(learning_rate, beta_1, beta_2, epsilon, *args, **kwargs)
        self.amsgrad = amsgrad

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        if self.amsgrad:
            self._velocity_hats = self.add_optimizer_variables(variables, "velocity_hat")

    def begin_step(self, learning_rate):
        root = ops.sqrt(self.bias_correction(self.beta_2))
        self._alpha = ops.cast(learning_rate, floatx()) * root / self.bias_correction(self.beta_1)

    def update_step(self, gradient, variable, learning_rate):
        _, m, scale = self.advance(gradient, variable)
        if self.amsgrad:
            largest = self._velocity_hats[self._get_variable_index(variable)]
            largest.assign(ops.maximum(largest, scale))
            scale = largest
        alpha = ops.cast(self._alpha, variable.dtype)
        variable.assign(variable - m * alpha / (ops.sqrt(scale) + self.epsilon))


class AdamW(Adam):
    """Adam with decoupled weight decay: before each update `w -= w * weight_decay * learning_rate`.

    Args:
        learning_rate: A float, a schedule, or a callable without arguments.
        weight_decay: A float; not None.
        beta_1, beta_2, epsilon, amsgrad: As for `Adam`.
    """

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
                "AdamW: Argument `weight_decay` must be a float. Received: weight_decay=None. Use Adam."
            )
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay, *args, **kwargs)


class Adamax(TwoMoments):
    """Adam with the largest gradient size so far, which `beta_2` lets decay, instead of the root of mean
    squares.
    """

    slots = ("momentum", "norm")

    def size(self, gradient, v):
        return ops.maximum(v * self.beta_2, ops.abs(gradient))

    def begin_step(self, learning_rate):
        self._rate = ops.cast(learning_rate, floatx()) / self.bias_correction(self.beta_1)

    def update_step(self, gradient, variable, learning_rate):
        _, m, u = self.advance(gradient, variable)
        variable.assign(variable - m * ops.cast(self._rate, variable.dtype) / (u + self.epsilon))


class Nadam(TwoMoments):
    """Adam with Nesterov momentum, whose weight grows over the steps."""

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        one = np.ones((), variables[0].dtype if variables else floatx())
        self._u_product = self._track(Variable(one, trainable=False))

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
        self._scale_v = self.bias_correction(self.beta_2, dtype)

    def update_step(self, gradient, variable, learning_rate):
        gradient, m, v = self.advance(gradient, variable)
        step = m * self._scale_m + gradient * self._scale_g
        variable.assign(variable - step / (ops.sqrt(v / self._scale_v) + self.epsilon))


class Lamb(TwoMoments):
    """Adam whose step is scaled per variable to the norm of its weights."""

    def begin_step(self, learning_rate):
        self._scale_m = self.bias_correction(self.beta_1)
        self._scale_v = self.bias_correction(self.beta_2)

    def update_step(self, gradient, variable, learning_rate):
        dtype = variable.dtype
        _, m, v = self.advance(gradient, variable)
        root = ops.sqrt(v / ops.cast(self._scale_v, dtype)) + self.epsilon
        step = m / ops.cast(self._scale_m, dtype) / root
        size = ops.sqrt(ops.sum(ops.square(ops.convert_to_tensor(variable))))
        length = ops.sqrt(ops.sum(ops.square(step)))
        both = ops.logical_and(ops.greater(size, 0.0), ops.greater(length, 0.0))
        ratio = ops.where(both, ops.divide_no_nan(size, length), 1.0)
        variable.assign(variable - step * (ratio * ops.cast(learning_rate, dtype)))
