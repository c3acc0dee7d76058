"""convcore: convolutional networks with Keras 3 semantics, traced once into a C++ graph that trains, runs and
saves.
"""

import importlib as _importlib

from . import _core as _core
from . import backend as backend
from . import config as config
from . import ops as ops
from . import random as random
from .core import choices as _choices
from .core.function import Function as Function
from .core.keras_tensor import KerasTensor as KerasTensor
from .core.variable import Variable as Variable

__version__ = "0.1.0"


_choices.load(__version__)


def version():
    """The version of this library."""
    return __version__


# Loaded at first use, so that the import stays quick.
_MODULES = frozenset(
    [
        "activations",
        "applications",
        "callbacks",
        "constraints",
        "datasets",
        "dtype_policies",
        "initializers",
        "layers",
        "losses",
        "metrics",
        "mixed_precision",
        "models",
        "optimizers",
        "preprocessing",
        "regularizers",
        "saving",
        "testing",
        "trainers",
        "tree",
        "utils",
        "wrappers",
    ]
)
_NAMES = {
    "Initializer": "initializers",
    "Input": "layers",
    "InputSpec": "layers",
    "Layer": "layers",
    "Operation": "core.operation",
    "name_scope": "core.scope",
    "Loss": "losses",
    "Metric": "metrics",
    "Model": "models",
    "Optimizer": "optimizers",
    "Regularizer": "regularizers",
    "Sequential": "models",
    "DTypePolicy": "dtype_policies",
    "FloatDTypePolicy": "dtype_policies",
    "autotune": "models.autotune",
    "explain": "models.inspection",
    "forget_autotune": "models.autotune",
}


def __getattr__(name):
    if name in _MODULES:
        return _importlib.import_module(f"{__name__}.{name}")
    if name in _NAMES:
        value = globals()[name] = getattr(_importlib.import_module(f"{__name__}.{_NAMES[name]}"), name)
        return value
    from .core.suggestions import missing_attribute

    homes = [f"{__name__}.{module}" for module in sorted(_MODULES - {"testing", "trainers", "wrappers"})]
    raise missing_attribute(__name__, name, __dir__, [*homes, f"{__name__}.ops", f"{__name__}.config"])


def __dir__():
    return sorted({*globals(), *_MODULES, *_NAMES})
