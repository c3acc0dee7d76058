"""The base class of learning-rate schedules, and the checks they share."""

from ... import ops
from ...config import floatx


class LearningRateSchedule:
    """Base class: a subclass defines `__call__(step)` with `convcore.ops`, and `get_config`."""

    def __call__(self, step):
        raise NotImplementedError(f"{type(self).__name__} must define __call__(step).")

    def get_config(self):
        raise NotImplementedError(f"{type(self).__name__} must define get_config().")

    @classmethod
    def from_config(cls, config):
        return cls(**config)


class NamedSchedule(LearningRateSchedule):
    """A schedule whose configuration is the list of its constructor arguments."""

    arguments: tuple[str, ...] = ()

    def get_config(self):
        return {name: getattr(self, name) for name in self.arguments}


def as_step(step):
    return ops.cast(ops.convert_to_tensor(step), floatx())


def check_steps(where, name, value):
    if value <= 0:
        raise ValueError(f"{where}: `{name}` must be greater than 0. Received: {name}={value}")
    return value
