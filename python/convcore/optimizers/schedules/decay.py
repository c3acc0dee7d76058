"""Exponential, inverse-time, piecewise constant and polynomial decay of the learning rate."""

from ... import ops
from .schedule import NamedSchedule, as_step, check_steps


class ExponentialDecay(NamedSchedule):
    """`initial_learning_rate * decay_rate ^ (step / decay_steps)`; in steps if `staircase`."""

    arguments = ("initial_learning_rate", "decay_steps", "decay_rate", "staircase", "name")

    def __init__(
        self, initial_learning_rate, decay_steps, decay_rate, staircase=False, name="ExponentialDecay"
    ):
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = check_steps("ExponentialDecay", "decay_steps", decay_steps)
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def __call__(self, step):
        part = as_step(step) / float(self.decay_steps)
        if self.staircase:
            part = ops.floor(part)
        return ops.power(float(self.decay_rate), part) * self.initial_learning_rate


class InverseTimeDecay(NamedSchedule):
    """`initial_learning_rate / (1 + decay_rate * step / decay_steps)`; in steps if `staircase`."""

    arguments = ("initial_learning_rate", "decay_steps", "decay_rate", "staircase", "name")

    def __init__(
        self, initial_learning_rate, decay_steps, decay_rate, staircase=False, name="InverseTimeDecay"
    ):
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = check_steps("InverseTimeDecay", "decay_steps", decay_steps)
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def __call__(self, step):
        part = as_step(step) / float(self.decay_steps)
        if self.staircase:
            part = ops.floor(part)
        return self.initial_learning_rate / (part * self.decay_rate + 1.0)


class PiecewiseConstantDecay(NamedSchedule):
    """`values[i]` up to and including step `boundaries[i]`, then the last value."""

    arguments = ("boundaries", "values", "name")

    def __init__(self, boundaries, values, name="PiecewiseConstant"):
        if len(boundaries) != len(values) - 1:
            raise ValueError(
                "PiecewiseConstantDecay: `values` must have one element more than `boundaries`. "
                f"Received: boundaries={boundaries} of length {len(boundaries)}, values={values} of length "
                f"{len(values)}"
            )
        self.boundaries = boundaries
        self.values = values
        self.name = name

    def __call__(self, step):
        step = as_step(step)
        rate = ops.zeros_like(step) + float(self.values[-1])
        for boundary, value in reversed(list(zip(self.boundaries, self.values, strict=False))):
            rate = ops.where(step <= float(boundary), float(value), rate)
        return rate


class PolynomialDecay(NamedSchedule):
    """From `initial_learning_rate` to `end_learning_rate` as `(1 - step / decay_steps) ^ power`; `cycle`
    starts again.
    """

    arguments = ("initial_learning_rate", "decay_steps", "end_learning_rate", "power", "cycle", "name")

    def __init__(
        self,
        initial_learning_rate,
        decay_steps,
        end_learning_rate=0.0001,
        power=1.0,
        cycle=False,
        name="PolynomialDecay",
    ):
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = check_steps("PolynomialDecay", "decay_steps", decay_steps)
        self.end_learning_rate = end_learning_rate
        self.power = power
        self.cycle = cycle
        self.name = name

    def __call__(self, step):
        step, length = as_step(step), float(self.decay_steps)
        if self.cycle:
            part = step / (ops.maximum(ops.ceil(step / length), 1.0) * length)
        else:
            part = ops.minimum(step, length) / length
        span = self.initial_learning_rate - self.end_learning_rate
        return ops.power(1.0 - part, float(self.power)) * span + self.end_learning_rate
