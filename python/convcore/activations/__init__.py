"""Activation functions: Keras's names and `get` / `serialize` / `deserialize`."""

from typing import Any

from ..core.lookup import resolve, restore
from ..core.suggestions import suggest_names
from ..ops import (
    celu,
    elu,
    glu,
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    leaky_relu,
    log_sigmoid,
    log_softmax,
    mish,
    relu6,
    selu,
    sigmoid,
    silu,
    soft_shrink,
    softmax,
    softplus,
    softsign,
    sparse_plus,
    sparse_sigmoid,
    sparsemax,
    squareplus,
    tanh,
    tanh_shrink,
    threshold,
)
from .activations import exponential, gelu, linear, relu
from .native import register_native

hard_swish = hard_silu
swish = silu

_BUILT_IN = {
    function.__name__: function
    for function in (
        celu,
        elu,
        exponential,
        gelu,
        glu,
        hard_shrink,
        hard_sigmoid,
        hard_silu,
        hard_tanh,
        leaky_relu,
        linear,
        log_sigmoid,
        log_softmax,
        mish,
        relu,
        relu6,
        selu,
        sigmoid,
        silu,
        soft_shrink,
        softmax,
        softplus,
        softsign,
        sparse_plus,
        sparse_sigmoid,
        sparsemax,
        squareplus,
        tanh,
        tanh_shrink,
        threshold,
    )
}
_BY_NAME = {**_BUILT_IN, "swish": silu, "hard_swish": hard_silu}


def get(identifier: Any) -> Any:
    """None -> linear; a name, a config or a callable (an activation layer too) -> a callable."""
    return linear if identifier is None else resolve("activation", identifier, _BY_NAME)


def serialize(activation: Any) -> Any:
    """The name of a built-in function; the envelope of anything else."""
    name = getattr(activation, "__name__", None)
    if name is not None and _BUILT_IN.get(name) is activation:
        return name
    from ..saving import serialize_keras_object

    return serialize_keras_object(activation)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The reverse of `serialize`."""
    if not isinstance(config, dict):
        return resolve("activation", config, _BY_NAME, custom_objects)
    if config.get("class_name") in _BY_NAME:
        return _BY_NAME[config["class_name"]]
    return restore("activation", config, _BY_NAME, custom_objects)


__all__ = [
    "celu",
    "deserialize",
    "elu",
    "exponential",
    "gelu",
    "get",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "register_native",
    "relu",
    "relu6",
    "selu",
    "serialize",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
    "threshold",
]

suggest_names(__name__)
