"""save_model, load_model and their relatives: what a user calls to write and read model files."""

import datetime
import json
import os
import warnings

from ..core.budget import allocation_budget
from . import archive, atomic, registry, serialization
from .archive import CONFIG, METADATA, WEIGHTS, Archive, parse_json
from .errors import ModelFormatError, refuse
from .weights import read_weights, write_weights

# the version whose layout and configuration keys are written, so that Keras knows what it reads
KERAS_VERSION = "3.15.1"


def save_model(model, filepath, overwrite=True, zipped=None, **kwargs):
    """Writes architecture, compile arguments, weights and optimizer state as one `.keras` file.

    The file appears whole or not at all.

    Args:
        model: The model.
        filepath: Path that ends in `.keras`.
        overwrite: False asks on a terminal, and raises FileExistsError elsewhere, if the file exists.
        zipped: Only True (or None) is supported.
    """
    path = _path(filepath, ".keras", "save_model")
    if kwargs or zipped is False:
        raise ValueError(
            f"save_model: expected no arguments beyond overwrite; received {sorted(kwargs) or 'zipped=False'}"
        )
    if not atomic.check_overwrite(path, overwrite):
        return
    config = _model_config(model)
    saved = f"{datetime.datetime.now():%Y-%m-%d@%H:%M:%S}"
    members = {
        METADATA: json.dumps({"keras_version": KERAS_VERSION, "date_saved": saved}).encode(),
        CONFIG: config.encode(),
        WEIGHTS: write_weights(model),
    }
    with atomic.atomic_write(path) as file:
        archive.write_archive(file, members)


def load_model(filepath, custom_objects=None, compile=True, safe_mode=True):
    """Makes a new model from a `.keras` file.

    Nothing in the file is imported or executed: classes are looked up among convcore's own, those registered
    with `register_keras_serializable` and `custom_objects`.

    Args:
        filepath: Path of the file.
        custom_objects: Dictionary of name -> class or function.
        compile: Whether to compile the model and restore the optimizer.
        safe_mode: Kept for Keras's signature; code in a file is never executed either way.

    Raises:
        ModelFormatError: (a ValueError) names the member or layer, what was expected and what was received.
    """
    path = _existing(filepath, (".keras",), "load_model")
    with Archive(path) as opened:
        opened.read_json(METADATA)
        config = opened.read_json(CONFIG)
        weights = opened.read(WEIGHTS)
    where = f"{path}: {CONFIG}"
    if not compile:
        config.pop("compile_config", None)
    with registry.CustomObjectScope(custom_objects), allocation_budget(_budget(weights), where):
        model = _build_model(config, where)
        read_weights(model, weights, f"{path}: {WEIGHTS}")
    return model


def _budget(weights):
    """Bytes that variables may take, given the weights file: weights, slots of the optimizer, averages."""
    return 6 * len(weights) + (16 << 20)


def save_weights(model, filepath, overwrite=True, max_shard_size=None):
    """Writes weights and optimizer state as a `.weights.h5` file.

    Args:
        model: A built model.
        filepath: Path that ends in `.weights.h5`.
        overwrite: As for `save_model`.
        max_shard_size: Only None is supported: one file.
    """
    path = _path(filepath, ".weights.h5", "save_weights")
    if max_shard_size is not None:
        raise ValueError(f"save_weights: expected max_shard_size=None; received {max_shard_size!r}")
    _require_built(model, "save_weights")
    if atomic.check_overwrite(path, overwrite):
        data = write_weights(model)
        with atomic.atomic_write(path) as file:
            file.write(data)


def load_weights(model, filepath, skip_mismatch=False, **kwargs):
    """Reads weights, and the optimizer state if the model is compiled; all of them or none.

    Args:
        model: A built model with the structure of the saved one; names do not matter.
        filepath: A `.weights.h5` or `.keras` file, or a `.convcore` file of this model.
        skip_mismatch: Whether to leave layers that do not fit as they are, with a warning.
    """
    path = _existing(filepath, (".weights.h5", ".keras", ".convcore"), "load_weights")
    if kwargs:
        raise ValueError(
            f"load_weights: expected no arguments beyond skip_mismatch; received {sorted(kwargs)}"
        )
    _require_built(model, "load_weights")
    if path.endswith(".convcore"):
        from .model_file import load_exported_weights

        return load_exported_weights(model, path)
    if path.endswith(".keras"):
        with Archive(path) as opened:
            data, where = opened.read(WEIGHTS), f"{path}: {WEIGHTS}"
    else:
        with open(path, "rb") as file:
            data, where = file.read(), path
    read_weights(model, data, where, skip_mismatch)


def model_to_json(model, **kwargs):
    """The architecture and compile arguments of `model` as JSON text, without weights."""
    return _model_config(model, **kwargs)


def model_from_json(json_string, custom_objects=None):
    """Makes a new model, with fresh weights, from the text that `model.to_json()` returned."""
    config = parse_json(json_string, "model_from_json")
    with registry.CustomObjectScope(custom_objects):
        return _build_model(config, "model_from_json")


def _model_config(model, **kwargs):
    with serialization.object_sharing():
        return json.dumps(serialization.serialize_keras_object(model), **kwargs)


def _build_model(config, where):
    """Constructs the model of a parsed config; every failure becomes a ModelFormatError."""
    from ..models import Model

    _drop_unknown_compile_config(config)
    missing = serialization.missing_names(config)
    if missing:
        raise ModelFormatError(f"{where}: {serialization.unknown_message(missing)}")
    try:
        with serialization.object_sharing():
            model = serialization.deserialize_keras_object(config)
    except ModelFormatError as error:
        raise ModelFormatError(f"{where}: {error}") from error
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        raise refuse(where, "a configuration that makes a model", text) from error
    if not isinstance(model, Model):
        raise refuse(where, "the configuration of a model", f"that of {type(model).__name__}")
    return model


def _drop_unknown_compile_config(config):
    """A model whose optimizer, loss or metrics are unknown is still a model: it is loaded uncompiled."""
    missing = serialization.missing_names(config.get("compile_config"))
    if missing:
        names = ", ".join(sorted(set(missing)))
        warnings.warn(
            f"The model was not compiled: {names} is not known here. Pass it in custom_objects.", stacklevel=4
        )
        del config["compile_config"]


def _require_built(model, caller):
    if not model.built:
        raise ValueError(
            f"{caller}: expected a built model; received {model.name!r}, which has no weights yet. "
            "Give it an Input, call it on data or call build(input_shape) first."
        )


def _path(filepath, ending, caller):
    path = os.fspath(filepath)
    if not isinstance(path, str):
        path = os.fsdecode(path)
    if not path.endswith(ending):
        raise ValueError(f"{caller}: expected a path that ends in {ending!r}; received {path!r}")
    return path


def _existing(filepath, endings, caller):
    path = os.fsdecode(os.fspath(filepath))
    if not path.endswith(endings):
        raise ValueError(
            f"{caller}: expected a path that ends in {' or '.join(map(repr, endings))}; received {path!r}"
        )
    if not os.path.isfile(path):
        raise ValueError(f"{caller}: expected an existing file; received {path!r}, which was not found")
    return path
