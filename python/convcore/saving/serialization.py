"""Objects to plain JSON values and back, in Keras's envelope: module, class_name, config, registered_name."""

import contextlib
import inspect
import threading

import numpy as np

from ..core.dispatch import find_operation
from . import class_table, registry
from .errors import ModelFormatError, refuse
from .old_configs import modernise

_state = threading.local()
_PLAIN = (type(None), bool, int, float, str)
MAX_DEPTH = 200


@contextlib.contextmanager
def object_sharing():
    """Within the block an object that is written twice gets a shared_object_id, and is read as one object."""
    outer = getattr(_state, "shared", None)
    if outer is None:
        _state.shared = {}
    try:
        yield
    finally:
        _state.shared = outer


def serialize_keras_object(obj):
    """Returns the JSON form of a layer, model, loss, optimizer, function, array or plain value.

    Example:

    >>> from convcore.saving import serialize_keras_object
    >>> serialize_keras_object({"rate": 0.5, "shape": (3, None)})
    {'rate': 0.5, 'shape': (3, None)}
    """
    if isinstance(obj, _PLAIN):
        return obj
    if isinstance(obj, (list, tuple)):
        items = [serialize_keras_object(item) for item in obj]
        return tuple(items) if isinstance(obj, tuple) else items
    if isinstance(obj, dict):
        return {key: serialize_keras_object(value) for key, value in obj.items()}
    special = _serialize_value(obj)
    return special if special is not None else _serialize_object(obj)


def _serialize_value(obj):
    """The forms of arrays, tensors, slices and the like; None for anything else."""
    if isinstance(obj, np.generic):
        return obj.item()
    if isinstance(obj, np.ndarray):
        if obj.ndim == 0:
            return obj.item()
        return {"class_name": "__numpy__", "config": {"value": obj.tolist(), "dtype": obj.dtype.name}}
    if isinstance(obj, np.dtype):
        return obj.name
    if isinstance(obj, bytes):
        return {"class_name": "__bytes__", "config": {"value": obj.decode("utf-8")}}
    if isinstance(obj, slice):
        parts = {"start": obj.start, "stop": obj.stop, "step": obj.step}
        return {"class_name": "__slice__", "config": serialize_keras_object(parts)}
    if obj is Ellipsis:
        return {"class_name": "__ellipsis__", "config": {}}
    if hasattr(obj, "keras_history"):
        return serialize_keras_tensor(obj)
    if hasattr(obj, "assign") and hasattr(obj, "numpy"):
        return {
            "class_name": "__tensor__",
            "config": {"value": obj.numpy().tolist(), "dtype": str(obj.dtype)},
        }
    return None


def serialize_keras_tensor(tensor, keras_history=None):
    """The reference to a symbolic tensor; `keras_history` is [layer name, call index, output index]."""
    config = {"shape": list(tensor.shape), "dtype": tensor.dtype}
    if keras_history is None:
        operation, node_index, tensor_index = tensor.keras_history
        keras_history = [operation.name, node_index, tensor_index]
    return {"class_name": "__keras_tensor__", "config": {**config, "keras_history": list(keras_history)}}


def _serialize_object(obj):
    shared = getattr(_state, "shared", None)
    if shared is not None and id(obj) in shared:
        first = shared[id(obj)][1]
        first["shared_object_id"] = id(obj)
        return dict(first)
    envelope = (
        _function_envelope(obj) if inspect.isfunction(obj) or inspect.isbuiltin(obj) else _class_envelope(obj)
    )
    if shared is not None:
        shared[id(obj)] = (obj, envelope)
    return envelope


def _function_envelope(function):
    if function.__name__ == "<lambda>":
        raise ValueError(
            "serialize_keras_object: expected a named function; received a Python lambda, "
            "whose code cannot be saved: to read it back would be arbitrary code execution. Define it with "
            'def and decorate it with @register_keras_serializable(package="...").'
        )
    name = registry.get_registered_name(function)
    return {"module": "builtins", "class_name": "function", "config": name, "registered_name": name}


def _class_envelope(obj):
    if inspect.isclass(obj) or not hasattr(obj, "get_config"):
        raise ValueError(
            "serialize_keras_object: expected an object with get_config(); "
            f"received {obj!r} of type {type(obj).__name__}"
        )
    cls = type(obj)
    names = class_table.envelope_names(cls)
    if names is None:
        registered = registry.get_registered_name(cls)
        names = (None if registry.is_registered(cls) else cls.__module__, registered)
    module, registered_name = names
    envelope = {
        "module": module,
        "class_name": cls.__name__,
        "config": serialize_keras_object(obj.get_config()),
        "registered_name": registered_name,
    }
    for key in ("build_config", "compile_config"):
        part = getattr(obj, f"get_{key}", None)
        value = part() if part is not None else None
        if value is not None:
            envelope[key] = serialize_keras_object(value)
    return envelope


def deserialize_keras_object(config, custom_objects=None, safe_mode=True):
    """The reverse of `serialize_keras_object`.

    Args:
        config: What `serialize_keras_object` returned, possibly by way of JSON.
        custom_objects: Dictionary of name -> class or function, searched first.
        safe_mode: Kept for Keras's signature; code inside a config is never executed either way.
    """
    with registry.CustomObjectScope(custom_objects) if custom_objects else contextlib.nullcontext():
        return _deserialize(config)


def _deserialize(config):
    if isinstance(config, (list, tuple)):
        return [_deserialize(item) for item in config]
    if not isinstance(config, dict):
        return config
    if "class_name" not in config or "config" not in config:
        return {key: _deserialize(value) for key, value in config.items()}
    class_name = config["class_name"]
    inner = config["config"]
    if not isinstance(class_name, str):
        raise refuse("config", "a class_name that is a string", f"{str(class_name)[:80]}")
    if class_name in _SPECIAL:
        return _SPECIAL[class_name](inner)
    if class_name == "function":
        return _find_function(config)
    shared = getattr(_state, "shared", None)
    key = config.get("shared_object_id")
    if shared is not None and isinstance(key, int) and key in shared:
        return shared[key]
    instance = _make(config)
    if shared is not None and isinstance(key, int):
        shared[key] = instance
    return instance


def _make(config):
    """Constructs, builds and compiles the object of one envelope."""
    class_name, inner = config["class_name"], config["config"]
    cls = lookup_class(config)
    if cls is None:
        raise ModelFormatError(unknown_message([str(class_name)]))
    if not isinstance(inner, dict):
        raise refuse(f"config of {class_name}", "a dictionary", f"{type(inner).__name__} {str(inner)[:80]!r}")
    instance = cls.from_config(modernise(cls, inner))
    build_config = config.get("build_config")
    if build_config and hasattr(instance, "build_from_config") and not getattr(instance, "built", False):
        instance.build_from_config(build_config)
    compile_config = config.get("compile_config")
    if compile_config and hasattr(instance, "compile_from_config"):
        instance.compile_from_config(compile_config)
    return instance


def lookup_class(config):
    """The class an envelope names, from scopes and registry, then among convcore's own; None if unknown."""
    class_name, registered_name = config.get("class_name"), config.get("registered_name")
    for name in (registered_name, class_name):
        found = registry.get_registered_object(name)
        if inspect.isclass(found):
            return found
    if not isinstance(class_name, str):
        return None
    module = config.get("module")
    own_names = [class_name, f"convcore>{class_name}"]
    if isinstance(module, str) and module.split(".")[0] in ("keras", "tf_keras"):
        own_names.append(f"Custom>{class_name}")  # Keras 2 registered some of its own classes so
    if isinstance(registered_name, str) and registered_name and registered_name not in own_names:
        return None
    if isinstance(module, str) and module.startswith("keras.src.ops."):
        return find_operation(class_name)
    return class_table.find_class(class_name, module)


def lookup_function(config):
    """The function an envelope names, or None."""
    for name in (config.get("registered_name"), config.get("config")):
        found = registry.get_registered_object(name)
        if found is not None:
            return found
    name = config.get("config")
    if config.get("registered_name") == "function":  # Keras 3.6 wrote no more of a registered name than this
        found = [thing for full, thing in registry.get_custom_objects().items() if full.endswith(f">{name}")]
        if len(found) == 1:
            return found[0]
    return class_table.find(name, config.get("module")) if isinstance(name, str) else None


def _find_function(config):
    found = lookup_function(config)
    if found is None:
        raise ModelFormatError(unknown_message([str(config.get("config"))]))
    return found


def unknown_message(names):
    """What to tell a user whose file needs classes or functions that are not here."""
    listed = ", ".join(sorted(set(names)))
    return (
        "config: expected classes and functions that convcore has or that were registered; "
        f"received unknown {listed}. Decorate each with "
        '@convcore.saving.register_keras_serializable(package="...") or pass it in custom_objects.'
    )


def missing_names(config):
    """All class and function names inside `config` that could not be found; needs no Python stack."""
    missing, pending = [], [config]
    while pending:
        item = pending.pop()
        if isinstance(item, (list, tuple)):
            pending.extend(item)
        elif isinstance(item, dict):
            pending.extend(item.values())
            class_name = item.get("class_name")
            if not isinstance(class_name, str) or "config" not in item or class_name in _SPECIAL:
                continue
            if class_name == "function":
                if lookup_function(item) is None:
                    missing.append(str(item["config"]))
            elif lookup_class(item) is None:
                missing.append(str(item.get("registered_name") or class_name))
    return missing


def _array(inner):
    return np.array(inner["value"], dtype=_dtype(inner["dtype"]))


def _dtype(name):
    if name not in (
        "bool",
        "uint8",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint16",
        "uint32",
        "uint64",
        "float16",
        "float32",
        "float64",
    ):
        raise refuse("array in config", "the name of a numeric type", repr(name))
    return np.dtype(name)


def _slice(inner):
    return slice(*(_deserialize(inner[key]) for key in ("start", "stop", "step")))


def _lambda(inner):
    raise ModelFormatError(
        "config: expected named functions; received a Python lambda, which is code stored in the file. "
        "Loading it would run that code, so convcore never does, not even with safe_mode=False: define the "
        "function with def, register it with register_keras_serializable and save the model again."
    )


def _tensor_reference(inner):
    raise refuse(
        "config", "tensor references only inside a functional model's inbound_nodes", str(inner)[:80]
    )


_SPECIAL = {
    "__numpy__": _array,
    "__tensor__": _array,
    "__bytes__": lambda inner: inner["value"].encode("utf-8"),
    "__ellipsis__": lambda inner: Ellipsis,
    "__slice__": _slice,
    "__lambda__": _lambda,
    "__keras_tensor__": _tensor_reference,
}
