"""Optimizers that adapt to the sum of squares of past gradients: Adagrad, Adadelta, Ftrl; and Lion, which
keeps signs.
"""

from .. import ops
from .optimizer import Optimizer


class Adagrad(Optimizer):
    """Adagrad: `w -= learning_rate * g / sqrt(a + epsilon)` with `a` the sum of squares.

    Args:
        learning_rate: A float, a schedule, or a callable without arguments.
        initial_accumulator_value: What `a` starts with.
        epsilon: Keeps the division finite.
    """

    arguments = ("initial_accumulator_value", "epsilon")

    def __init__(self, learning_rate=0.001, initial_accumulator_value=0.1, epsilon=1e-7, *args, **kwargs):
        super().__init__(learning_rate, *args, **kwargs)
        self.initial_accumulator_value = initial_accumulator_value
        self.epsilon = epsilon

    def build(self, variables):
        if self.built:
            return
        from ..initializers import Constant

        super().build(variables)
        start = Constant(self.initial_accumulator_value)
        self._accumulators_of_squares = self.add_optimizer_variables(variables, "accumulator", start)

    def update_step(self, gradient, variable, learning_rate):
        gradient = ops.cast(gradient, variable.dtype)
        total = self._accumulators_of_squares[self._get_variable_index(variable)]
        total.assign(total + ops.square(gradient))
        step = gradient * ops.cast(learning_rate, variable.dtype) / ops.sqrt(total + self.epsilon)
        variable.assign(variable - step)


class Adadelta(Optimizer):
    """Adadelta: steps scaled by the ratio of running means of past steps and gradients.

    Args:
        learning_rate: A float, a schedule, or a callable without arguments; 1.0 in the paper.
        rho: Decay of the running means.
        epsilon: Keeps the division finite.
    """

    arguments = ("rho", "epsilon")

    def __init__(self, learning_rate=0.001, rho=0.95, epsilon=1e-7, *args, **kwargs):
        super().__init__(learning_rate, *args, **kwargs)
        self.rho = rho
        self.epsilon = epsilon

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        names = ["accumulated_grad", "accumulated_delta_var"]
        self._squares, self._steps = self.add_optimizer_variables(variables, names)

    def update_step(self, gradient, variable, learning_rate):
        gradient = ops.cast(gradient, variable.dtype)
        index = self._get_variable_index(variable)
        squares, steps = self._squares[index], self._steps[index]
        squares.assign(squares * self.rho + ops.square(gradient) * (1.0 - self.rho))
        delta = -(ops.sqrt(steps + self.epsilon) * gradient / ops.sqrt(squares + self.epsilon))
        steps.assign(steps * self.rho + ops.square(delta) * (1.0 - self.rho))
        variable.assign(variable + delta * ops.cast(learning_rate, variable.dtype))


class Ftrl(Optimizer):
    """Follow the regularized leader (McMahan et al., "Ad Click Prediction", 2013).

    Args:
        learning_rate: A float, a schedule, or a callable without arguments.
        learning_rate_power: How the rate falls with the sum of squares, <= 0; 0 keeps it.
        initial_accumulator_value: What the sum of squares starts with, >= 0.
        l1_regularization_strength: Weight of the absolute values, >= 0.
        l2_regularization_strength: Weight of the squares, >= 0.
        l2_shrinkage_regularization_strength: Weight of the squares in the gradient only, >= 0.
        beta: Smooths the rate.
    """

    arguments = (
        "learning_rate_power",
        "initial_accumulator_value",
        "l1_regularization_strength",
        "l2_regularization_strength",
        "l2_shrinkage_regularization_strength",
        "beta",
    )

    def __init__(
        self,
        learning_rate=0.001,
        learning_rate_power=-0.5,
        initial_accumulator_value=0.1,
        l1_regularization_strength=0.0,
        l2_regularization_strength=0.0,
        l2_shrinkage_regularization_strength=0.0,
        beta=0.0,
        *args,
        **kwargs,
    ):
        super().__init__(learning_rate, *args, **kwargs)
        for name, value in (
            ("initial_accumulator_value", initial_accumulator_value),
            ("l1_regularization_strength", l1_regularization_strength),
            ("l2_regularization_strength", l2_regularization_strength),
            ("l2_shrinkage_regularization_strength", l2_shrinkage_regularization_strength),
        ):
            if value < 0:
                raise ValueError(f"`{name}` needs to be positive or zero. Received: {name}={value}.")
        if learning_rate_power > 0:
            raise ValueError(
                "`learning_rate_power` needs to be negative or zero. Received: "
                f"learning_rate_power={learning_rate_power}."
            )
        self.learning_rate_power = learning_rate_power
        self.initial_accumulator_value = initial_accumulator_value
        self.l1_regularization_strength = l1_regularization_strength
        self.l2_regularization_strength = l2_regularization_strength
        self.l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength
        self.beta = beta

    def build(self, variables):
        if self.built:
            return
        from ..initializers import Constant

        super().build(variables)
        starts = [Constant(self.initial_accumulator_value), "zeros"]
        self._totals, self._linears = self.add_optimizer_variables(
            variables, ["accumulator", "linear"], starts
        )

    def update_step(self, gradient, variable, learning_rate):
        rate = ops.cast(learning_rate, variable.dtype)
        gradient = ops.cast(gradient, variable.dtype)
        index = self._get_variable_index(variable)
        total, linear = self._totals[index], self._linears[index]
        power, l1 = -self.learning_rate_power, self.l1_regularization_strength
        shrunk = gradient + variable * (2.0 * self.l2_shrinkage_regularization_strength)
        new_total = total + ops.square(gradient)
        raised = ops.power(new_total, power)
        old = ops.power(ops.convert_to_tensor(total), power)
        linear.assign(linear + (shrunk - (raised - old) / rate * variable))
        l2 = self.beta / (2.0 * rate) + self.l2_regularization_strength
        clipped = ops.clip(ops.convert_to_tensor(linear), -l1, l1)
        variable.assign((clipped - linear) / (raised / rate + 2.0 * l2))
        total.assign(new_total)


class Lion(Optimizer):
    """Lion: steps of equal size in the direction of the sign of a running mean.

    Args:
        learning_rate: A float, a schedule, or a callable without arguments.
        beta_1: Weight of the running mean in the direction, in (0, 1].
        beta_2: Decay of the running mean.
    """

    arguments = ("beta_1", "beta_2")

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.99, *args, **kwargs):
        super().__init__(learning_rate, *args, **kwargs)
        if not 0 < beta_1 <= 1:
            raise ValueError(
                "Lion: Argument `beta_1` must be in the [0, 1] range. Otherwise, the optimizer degenerates "
                f"to SignSGD. Received: beta_1={beta_1}. 0 is refused too."
            )
        self.beta_1, self.beta_2 = beta_1, beta_2

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self._momentums = self.add_optimizer_variables(variables, "momentum")

    def update_step(self, gradient, variable, learning_rate):
        gradient = ops.cast(gradient, variable.dtype)
        m = self._momentums[self._get_variable_index(variable)]
        direction = ops.sign(m * self.beta_1 + gradient * (1.0 - self.beta_1))
        variable.assign(variable - direction * ops.cast(learning_rate, variable.dtype))
        m.assign(m * self.beta_2 + gradient * (1.0 - self.beta_2))
