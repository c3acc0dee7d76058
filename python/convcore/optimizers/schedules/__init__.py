"""Learning-rate schedules under Keras's names: functions of the number of steps taken so far."""

from ...core.lookup import resolve
from .cosine import CosineDecay, CosineDecayRestarts
from .decay import ExponentialDecay, InverseTimeDecay, PiecewiseConstantDecay, PolynomialDecay
from .schedule import LearningRateSchedule

CLASSES = (
    LearningRateSchedule,
    ExponentialDecay,
    PiecewiseConstantDecay,
    PolynomialDecay,
    InverseTimeDecay,
    CosineDecay,
    CosineDecayRestarts,
)
TABLE = {item.__name__: item for item in CLASSES}

__all__ = [item.__name__ for item in CLASSES] + ["deserialize", "serialize"]


def serialize(learning_rate_schedule):
    """Returns the configuration envelope of a schedule."""
    from ...saving import serialize_keras_object

    return serialize_keras_object(learning_rate_schedule)


def deserialize(config, custom_objects=None):
    """Returns the schedule of a configuration envelope."""
    return resolve("learning rate schedule", config, TABLE, custom_objects)
