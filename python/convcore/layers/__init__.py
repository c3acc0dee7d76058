"""Layers, under Keras's names; `layers.convolutional`, `.pooling` and `.core` are paths of old Keras."""

from typing import Any

from ..core.suggestions import suggest_names
from . import (
    activations,
    convolutional,
    merging,
    normalization,
    pooling,
    preprocessing,
    regularization,
    reshaping,
)
from .activations import *  # noqa: F403
from .convolutional import *  # noqa: F403
from .core import (
    Dense,
    EinsumDense,
    Embedding,
    Identity,
    Input,
    InputLayer,
    Lambda,
    Masking,
    TimeDistributed,
    Wrapper,
)
from .input_spec import InputSpec
from .layer import Layer
from .merging import *  # noqa: F403
from .normalization import *  # noqa: F403
from .pooling import *  # noqa: F403
from .preprocessing import *  # noqa: F403
from .regularization import *  # noqa: F403
from .reshaping import *  # noqa: F403


def serialize(layer: Any) -> Any:
    """The envelope `{"module", "class_name", "config", ..}` of a layer."""
    from ..saving import serialize_keras_object

    return serialize_keras_object(layer)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The layer that an envelope describes."""
    from ..saving import deserialize_keras_object

    return deserialize_keras_object(config, custom_objects=custom_objects)


_ROOMS = (
    activations,
    convolutional,
    merging,
    normalization,
    pooling,
    preprocessing,
    regularization,
    reshaping,
)

__all__ = [
    "Dense",
    "EinsumDense",
    "Embedding",
    "Identity",
    "Input",
    "InputLayer",
    "InputSpec",
    "Lambda",
    "Layer",
    "Masking",
    "TimeDistributed",
    "Wrapper",
    "deserialize",
    "serialize",
    *(name for room in _ROOMS for name in room.__all__),
]

suggest_names(__name__)
