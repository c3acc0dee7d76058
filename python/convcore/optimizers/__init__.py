"""Optimizers under Keras's names."""

from typing import Any

from ..core.lookup import resolve
from ..core.suggestions import suggest_names
from . import schedules
from .adafactor import Adafactor
from .adagrad import Adadelta, Adagrad, Ftrl, Lion
from .adam import Adam, Adamax, AdamW, Lamb, Nadam
from .loss_scale_optimizer import LossScaleOptimizer
from .multi_optimizer import MultiOptimizer, OptimizerMap
from .muon import Muon
from .optimizer import Optimizer
from .rmsprop import RMSprop
from .schedule_free_adamw import ScheduleFreeAdamW
from .sgd import SGD

CLASSES = (
    *(Optimizer, SGD, RMSprop, Adam, AdamW, Adadelta, Adagrad, Adamax, Nadam, Ftrl, Lion, Lamb),
    *(Adafactor, Muon, ScheduleFreeAdamW, LossScaleOptimizer, MultiOptimizer),
)
TABLE: dict[str, Any] = {item.__name__: item for item in CLASSES}
LOWER = {name.lower(): item for name, item in TABLE.items()}

__all__ = [item.__name__ for item in CLASSES] + [
    "OptimizerMap",
    "deserialize",
    "get",
    "schedules",
    "serialize",
]


def get(identifier):
    """Returns the optimizer that a name (of any case), configuration, class or object means; None stays."""
    if identifier is None or isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, str) and identifier.lower() in LOWER:
        return LOWER[identifier.lower()]()
    found = deserialize(identifier)
    if not isinstance(found, Optimizer):
        names = ", ".join(sorted(LOWER))
        raise ValueError(
            f"Could not interpret optimizer identifier. Expected one of {names}, a configuration, or an "
            "Optimizer. "
            f"Received: {identifier!r}"
        )
    return found


def serialize(optimizer):
    """Returns the configuration envelope of an optimizer."""
    from ..saving import serialize_keras_object

    return serialize_keras_object(optimizer)


def deserialize(config, custom_objects=None):
    """Returns the optimizer of a name or of a configuration envelope (class names of any case)."""
    if isinstance(config, dict) and str(config.get("class_name", "")).lower() in LOWER:
        config = {**config, "class_name": LOWER[config["class_name"].lower()].__name__}
    return resolve("optimizer", config, {**TABLE, **LOWER}, custom_objects)


suggest_names(__name__)
