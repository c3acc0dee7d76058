"""Layers, under Keras's names; `layers.convolutional`, `.pooling` and `.core` are paths of old Keras."""

from . import convolutional, pooling
from .activations import ELU, Activation, LeakyReLU, PReLU, ReLU, Softmax
from .convolutional import *  # noqa: F403
from .core import Dense, Identity, Input, InputLayer
from .input_spec import InputSpec
from .layer import Layer
from .normalization import BatchNormalization
from .pooling import *  # noqa: F403
from .regularization import ActivityRegularization, Dropout
from .reshaping import Flatten, Permute, RepeatVector, Reshape


def serialize(layer):
    """The envelope `{"module", "class_name", "config", ..}` of a layer."""
    from ..saving import serialize_keras_object

    return serialize_keras_object(layer)


def deserialize(config, custom_objects=None):
    """The layer that an envelope describes."""
    from ..saving import deserialize_keras_object

    return deserialize_keras_object(config, custom_objects=custom_objects)


__all__ = [
    *convolutional.__all__,
    *pooling.__all__,
    "ELU",
    "Activation",
    "ActivityRegularization",
    "BatchNormalization",
    "Dense",
    "Dropout",
    "Flatten",
    "Identity",
    "Input",
    "InputLayer",
    "InputSpec",
    "Layer",
    "LeakyReLU",
    "PReLU",
    "Permute",
    "ReLU",
    "RepeatVector",
    "Reshape",
    "Softmax",
    "deserialize",
    "serialize",
]
