"""Configs from other versions of Keras: renamed keys are translated, unknown ones dropped or refused."""

import inspect
import warnings

from . import class_table
from .errors import refuse

# keys that carry nothing convcore needs, whatever their value
_DROPPED = {
    "InputLayer": ("sparse", "ragged", "optional"),
    "BatchNormalization": (
        "renorm",
        "renorm_clipping",
        "renorm_momentum",
        "synchronized",
        "virtual_batch_size",
        "fused",
    ),
    **dict.fromkeys(
        ("DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D"),
        ("groups", "filters", "kernel_initializer", "kernel_regularizer", "kernel_constraint"),
    ),
    **dict.fromkeys(("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"), ("groups",)),
    "Embedding": ("input_length",),
}
_ALWAYS_DROPPED = ("quantization_config", "time_major", "implementation")
_RENAMED = {
    "InputLayer": {"batch_input_shape": "batch_shape"},
    "LeakyReLU": {"alpha": "negative_slope"},
}
_DEFAULT_LIKE = (None, False, 0, "", "default")


def modernise(cls, config):
    """Returns a copy of `config` that the constructor of the built-in layer `cls` accepts."""
    config = dict(config)
    if not class_table.is_builtin(cls) or not _is_plain_layer(cls):
        return config
    accepted = _constructor_arguments(cls)
    for old, new in _RENAMED.get(cls.__name__, {}).items():
        if old in config:
            config[new] = config.pop(old)
    if config.get("batch_input_shape"):
        config["input_shape"] = tuple(config.pop("batch_input_shape")[1:])
    if isinstance(config.get("axis"), list) and cls.__name__ == "BatchNormalization":
        config["axis"] = config["axis"][0]
    for key in (*_DROPPED.get(cls.__name__, ()), *_ALWAYS_DROPPED):
        if key not in accepted:
            config.pop(key, None)
    return _without_unknown(cls, config, accepted)


def _is_plain_layer(cls):
    from ..layers import Layer
    from ..models import Model

    return issubclass(cls, Layer) and not issubclass(cls, Model)


def _constructor_arguments(cls):
    """Every keyword that a constructor up to Layer names, and those that Layer takes out of **kwargs."""
    names = {"name", "trainable", "dtype", "activity_regularizer", "autocast", "input_shape", "input_dim"}
    for base in cls.__mro__:
        if "__init__" in vars(base):
            names.update(inspect.signature(base.__init__).parameters)
    names.update(getattr(cls, "further_arguments", ()))
    return names - {"self", "args", "kwargs"}


def _without_unknown(cls, config, accepted):
    for key in [key for key in config if key not in accepted]:
        value = config[key]
        harmless = value in (_DEFAULT_LIKE) if not isinstance(value, (list, dict)) else not value
        if not harmless:
            name = config.get("name", cls.__name__)
            raise refuse(
                f"config of {cls.__name__} {name!r}",
                "arguments that convcore knows",
                f"{key}={str(value)[:80]}",
                "The file may come from a newer version of Keras.",
            )
        warnings.warn(
            f"{cls.__name__}: the saved argument {key}={value!r} is unknown here and was ignored.",
            stacklevel=2,
        )
        config.pop(key)
    return config
