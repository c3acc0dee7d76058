"""What many layers share: their config, their argument checks, their float input."""

import inspect
import numbers

from .. import activations, constraints, initializers, ops, regularizers

_SERIALIZERS = {
    "activation": activations.serialize,
    "initializer": initializers.serialize,
    "regularizer": regularizers.serialize,
    "constraint": constraints.serialize,
}
# written by Layer.get_config
_COMMON = {"self", "name", "trainable", "dtype", "activity_regularizer"}


def describe(layer, cls, skip=()):
    """The constructor arguments of `cls`, in order, read back from the attributes of the same name and serialised by kind.

    `cls` is the class that calls this, so that a subclass with other arguments does not change what is read.
    """
    config = {}
    for name, parameter in inspect.signature(cls.__init__).parameters.items():
        if name in _COMMON or name in skip or parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            continue
        value = getattr(layer, name)
        serializer = _SERIALIZERS.get(name.rsplit("_", 1)[-1])
        config[name] = serializer(value) if serializer else value
    return config


def positive_int(value, name, layer):
    """`value` as int; ValueError unless it is an integer > 0."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value <= 0:
        raise ValueError(f"{type(layer).__name__}: {name} must be a strictly positive integer, received {name}={value!r}")
    return int(value)


def fraction(value, name, layer):
    """`value`; ValueError unless it is a number in [0, 1]."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not 0 <= value <= 1:
        raise ValueError(f"{type(layer).__name__}: {name} must be a number in the range [0, 1], received {name}={value!r}")
    return value


def to_float(inputs, layer):
    """Integer and bool inputs in the layer's compute dtype; a layer casts only float inputs by itself."""
    return inputs if str(inputs.dtype).startswith("float") else ops.cast(inputs, layer.compute_dtype)


def channel_axis(data_format):
    return 1 if data_format == "channels_first" else -1


def spatial_axes(rank, data_format):
    return tuple(range(2, rank + 2)) if data_format == "channels_first" else tuple(range(1, rank + 1))
