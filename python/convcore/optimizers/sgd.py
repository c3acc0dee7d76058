"""Gradient descent, with momentum and Nesterov's variant."""

from .. import ops
from . import arguments
from .optimizer import Optimizer


class SGD(Optimizer):
    """Gradient descent: `w += m` with `m = momentum * m - learning_rate * g`.

    Args:
        learning_rate: A float, a schedule, or a callable without arguments.
        momentum: Float in [0, 1].
        nesterov: Whether to look ahead: `w += momentum * m - learning_rate * g`.
    """

    arguments = ("momentum", "nesterov")

    def __init__(self, learning_rate=0.01, momentum=0.0, nesterov=False, *args, **kwargs):
        arguments.check_unit_interval("SGD", "momentum", momentum)
        super().__init__(learning_rate, *args, **kwargs)
        self.momentum = momentum
        self.nesterov = nesterov

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self._momentums = self.add_optimizer_variables(variables, "momentum") if self.momentum != 0 else []

    def update_step(self, gradient, variable, learning_rate):
        step = ops.cast(gradient, variable.dtype) * ops.cast(learning_rate, variable.dtype)
        if not self._momentums:
            variable.assign(variable - step)
            return
        momentum = self._momentums[self._get_variable_index(variable)]
        momentum.assign(momentum * self.momentum - step)
        variable.assign(variable + (momentum * self.momentum - step if self.nesterov else momentum))
