"""Cosine decay of the learning rate, with warm-up or with restarts."""

import math

from ... import ops
from .schedule import NamedSchedule, as_step, check_steps


class CosineDecay(NamedSchedule):
    """Half a cosine from the initial rate down to `alpha` times it.

    With `warmup_target` the rate first rises linearly to it over `warmup_steps`, and the cosine starts there.
    """

    arguments = ("initial_learning_rate", "decay_steps", "alpha", "name", "warmup_target", "warmup_steps")

    def __init__(
        self,
        initial_learning_rate,
        decay_steps,
        alpha=0.0,
        name="CosineDecay",
        warmup_target=None,
        warmup_steps=0,
    ):
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = check_steps("CosineDecay", "decay_steps", decay_steps)
        self.alpha = alpha
        self.name = name
        self.warmup_target = warmup_target
        self.warmup_steps = warmup_steps

    def __call__(self, step):
        step = as_step(step)
        if self.warmup_target is None:
            return self._decayed(step, self.initial_learning_rate)
        rise = (self.warmup_target - self.initial_learning_rate) / max(float(self.warmup_steps), 1e-30)
        warming = step * rise + self.initial_learning_rate
        decayed = self._decayed(step - float(self.warmup_steps), self.warmup_target)
        return ops.where(step < float(self.warmup_steps), warming, decayed)

    def _decayed(self, step, start):
        part = ops.minimum(step, float(self.decay_steps)) / float(self.decay_steps)
        cosine = 0.5 * (1.0 + ops.cos(part * math.pi))
        return (cosine * (1.0 - self.alpha) + self.alpha) * start


class CosineDecayRestarts(NamedSchedule):
    """Cosine decay that starts again; period i is `t_mul^i` as long and `m_mul^i` as high as the first."""

    arguments = ("initial_learning_rate", "first_decay_steps", "t_mul", "m_mul", "alpha", "name")

    def __init__(
        self, initial_learning_rate, first_decay_steps, t_mul=2.0, m_mul=1.0, alpha=0.0, name="SGDRDecay"
    ):
        self.initial_learning_rate = initial_learning_rate
        self.first_decay_steps = check_steps("CosineDecayRestarts", "first_decay_steps", first_decay_steps)
        self._t_mul = t_mul
        self._m_mul = m_mul
        self.alpha = alpha
        self.name = name

    @property
    def t_mul(self):
        return self._t_mul

    @property
    def m_mul(self):
        return self._m_mul

    def __call__(self, step):
        part = as_step(step) / float(self.first_decay_steps)
        if self._t_mul == 1.0:
            period = ops.floor(part)
            part = part - period
        else:
            period = ops.floor(ops.log(1.0 - part * (1.0 - self._t_mul)) / math.log(self._t_mul))
            length = ops.power(float(self._t_mul), period)
            part = (part - (1.0 - length) / (1.0 - self._t_mul)) / length
        height = ops.power(float(self._m_mul), period)
        cosine = 0.5 * height * (1.0 + ops.cos(part * math.pi))
        return (cosine * (1.0 - self.alpha) + self.alpha) * self.initial_learning_rate
