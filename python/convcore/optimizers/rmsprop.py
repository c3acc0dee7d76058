"""RMSprop: steps divided by the root of a running mean of squares, epsilon inside the root."""

from .. import ops
from .optimizer import Optimizer


class RMSprop(Optimizer):
    """RMSprop: `w -= learning_rate * g / sqrt(v + epsilon)`, optionally with momentum.

    Args:
        learning_rate: A float, a schedule, or a callable without arguments.
        rho: Decay of the running mean of squares.
        momentum: Decay of the accumulated steps; 0 for none.
        epsilon: Keeps the division finite.
        centered: Whether to divide by the estimated variance of the gradient instead of its mean square.
    """

    arguments = ("rho", "momentum", "epsilon", "centered")

    def __init__(
        self, learning_rate=0.001, rho=0.9, momentum=0.0, epsilon=1e-7, centered=False, *args, **kwargs
    ):
        super().__init__(learning_rate, *args, **kwargs)
        self.rho = rho
        self.momentum = momentum
        self.epsilon = epsilon
        self.centered = centered

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self._velocities = self.add_optimizer_variables(variables, "velocity")
        if self.momentum > 0:
            self._momentums = self.add_optimizer_variables(variables, "momentum")
        if self.centered:
            self._average_gradients = self.add_optimizer_variables(variables, "average_gradient")

    def update_step(self, gradient, variable, learning_rate):
        gradient = ops.cast(gradient, variable.dtype)
        index = self._get_variable_index(variable)
        velocity = self._velocities[index]
        velocity.assign(velocity * self.rho + ops.square(gradient) * (1.0 - self.rho))
        scale = velocity + self.epsilon
        if self.centered:
            mean = self._average_gradients[index]
            mean.assign(mean * self.rho + gradient * (1.0 - self.rho))
            scale = velocity - ops.square(ops.convert_to_tensor(mean)) + self.epsilon
        step = gradient * ops.cast(learning_rate, variable.dtype) / ops.sqrt(scale)
        if self.momentum > 0:
            momentum = self._momentums[index]
            momentum.assign(momentum * self.momentum + step)
            step = momentum
        variable.assign(variable - step)
