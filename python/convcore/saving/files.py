"""save_model, load_model and their relatives: what a user calls to write and read model files."""

import contextlib
import datetime
import json
import os
import warnings
from typing import Any

from ..core.budget import allocation_budget
from ..core.late_values import late_values
from . import archive, atomic, registry, serialization
from .archive import CONFIG, METADATA, WEIGHTS, Archive, parse_json
from .errors import ModelFormatError, configuration_of, refuse
from .legacy_configs import modern_compile_config
from .weights import read_weights, write_weights

# the version whose layout and configuration keys are written, so that Keras knows what it reads
KERAS_VERSION = "3.15.1"
_LEGACY = (".h5", ".hdf5")
_HDF5 = b"\x89HDF\r\n\x1a\n"


def save_model(model, filepath, overwrite=True, zipped=None, **kwargs):
    """Writes architecture, compile arguments, weights and optimizer state as one `.keras` file.

    The file appears whole or not at all.

    Args:
        model: The model.
        filepath: Path that ends in `.keras`; in `.h5` or `.hdf5` for the layout of Keras 1 and 2. Or a binary
            file open for writing, such as `io.BytesIO()`.
        overwrite: False asks on a terminal, and raises FileExistsError elsewhere, if the file exists.
        zipped: Only True (or None) is supported.
        include_optimizer: Whether the optimizer and the other arguments of `compile` are written too.
    """
    if "save_format" in kwargs:
        raise ValueError(
            "save_model: The `save_format` argument is deprecated: expected a path whose ending tells the "
            f"format, .keras or .h5; received save_format={kwargs['save_format']!r}"
        )
    include_optimizer = kwargs.pop("include_optimizer", True)
    if kwargs:
        raise ValueError(
            f"save_model: The following argument(s) are not supported: {sorted(kwargs)}; expected none "
            "beyond overwrite and include_optimizer"
        )
    stream = hasattr(filepath, "write")
    path = ".keras" if stream else _path(filepath, (".keras", *_LEGACY), "save_model")
    if path.endswith(".weights.h5"):
        raise ValueError(
            f"save_model: expected a path that ends in .keras or .h5; received {path!r}, the name of a "
            "file of weights: use save_weights"
        )
    if zipped is False:
        raise ValueError("save_model: expected zipped=True: a model is one file; received zipped=False")
    if not stream and not atomic.check_overwrite(path, overwrite):
        return
    if path.endswith(_LEGACY):
        _save_legacy(model, path, include_optimizer)
        return
    config = _shared_config(model, include_optimizer)
    saved = f"{datetime.datetime.now():%Y-%m-%d@%H:%M:%S}"
    members = {
        METADATA: json.dumps({"keras_version": KERAS_VERSION, "date_saved": saved}).encode(),
        CONFIG: config.encode(),
        WEIGHTS: write_weights(model, () if include_optimizer else (model.optimizer,)),
    }
    with contextlib.nullcontext(filepath) if stream else atomic.atomic_write(path) as file:
        archive.write_archive(file, members)


def _save_legacy(model, path, include_optimizer):
    from .legacy_files import write_model

    warnings.warn(
        f"{path}: the HDF5 layout of Keras 1 and 2 is for programs that read nothing newer; "
        "prefer a path that ends in .keras.",
        stacklevel=4,
    )
    _require_built(model, "save_model")
    data = write_model(model, json.loads(_shared_config(model, include_optimizer)), KERAS_VERSION)
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)  # as Keras does for this layout alone
    with atomic.atomic_write(path) as file:
        file.write(data)


def load_model(filepath, custom_objects=None, compile=True, safe_mode=True):
    """Makes a new model from a `.keras` file, or from an `.h5` file of any version of Keras.

    Nothing in the file is imported or executed: classes are looked up among convcore's own, those registered
    with `register_keras_serializable` and `custom_objects`.

    Args:
        filepath: Path of the file; or its bytes, or a binary file open for reading.
        custom_objects: Dictionary of name -> class or function.
        compile: Whether to compile the model and restore the optimizer.
        safe_mode: Kept for Keras's signature; code in a file is never executed either way.

    Raises:
        ModelFormatError: (a ValueError) names the member or layer, what was expected and what was received.
    """
    source = _bytes_of(filepath)
    if source is None:
        source = _existing(filepath, (".keras", *_LEGACY), "load_model")
        is_legacy = source.endswith(_LEGACY)
    else:
        is_legacy = source.startswith(_HDF5)
    path = "bytes" if isinstance(source, bytes) else source
    if is_legacy:
        return _load_legacy(source, path, custom_objects, compile)
    with Archive(source) as opened:
        opened.read_json(METADATA)
        config = opened.read_json(CONFIG)
        weights = opened.read(WEIGHTS)
    where = f"{path}: {CONFIG}"
    if not compile:
        config.pop("compile_config", None)
    with _reading(custom_objects, weights, where):
        model = _build_model(config, where)
        read_weights(model, weights, f"{path}: {WEIGHTS}")
    return model


def _load_legacy(source, path, custom_objects, compile):
    from .legacy_files import read_config, restore

    data = source
    if not isinstance(source, bytes):
        with open(source, "rb") as opened:
            data = opened.read()
    file, config = read_config(data, path)
    if not compile:
        config.pop("compile_config", None)
    with _reading(custom_objects, data, path):
        model = _build_model(config, f"{path}: model_config")
        restore(model, file)
    return model


@contextlib.contextmanager
def _reading(custom_objects, weights, where):
    """While a model is made of a file: with memory for its weights, slots and averages, no more."""
    budget = allocation_budget(6 * len(weights) + (16 << 20), where)
    with registry.CustomObjectScope(custom_objects), budget, late_values():
        yield


def save_weights(model, filepath, overwrite=True, max_shard_size=None, objects_to_skip=None):
    """Writes weights and optimizer state as a `.weights.h5` file.

    Args:
        model: A built model.
        filepath: Path that ends in `.weights.h5`; with `max_shard_size` one that ends in `.weights.json`.
        overwrite: As for `save_model`.
        max_shard_size: Most gigabytes of weights in one file: they go into files beside `filepath`, which
            tells what is where. None: one file.
        objects_to_skip: Layers and other objects whose variables are left out.
    """
    sharded = max_shard_size is not None
    path = _path(filepath, ".weights.json" if sharded else ".weights.h5", "save_weights")
    _require_built(model, "save_weights")
    if not atomic.check_overwrite(path, overwrite):
        return
    if sharded:
        from .shards import write_shards

        write_shards(model, path, max_shard_size, objects_to_skip or ())
    else:
        data = write_weights(model, objects_to_skip or ())
        with atomic.atomic_write(path) as file:
            file.write(data)


def load_weights(model, filepath, skip_mismatch=False, by_name=False, objects_to_skip=None, **kwargs):
    """Reads weights, and the optimizer state if the model is compiled; all of them or none.

    Args:
        model: A built model with the structure of the saved one; names do not matter.
        filepath: A `.weights.h5`, `.weights.json` or `.keras` file, an `.h5` file of Keras 1 or 2 (weights or
            whole model), or a `.convcore` file of this model.
        skip_mismatch: Whether to leave layers that do not fit as they are, with a warning.
        by_name: Whether layers are matched by name; only for files of Keras 1 and 2.
        objects_to_skip: Layers and other objects that keep their values; only for `.weights.h5` and
            `.weights.json` files.
    """
    if kwargs:
        raise ValueError(
            f"load_weights: Invalid keyword arguments: {sorted(kwargs)}; expected skip_mismatch, by_name or "
            "objects_to_skip"
        )
    path = _existing(filepath, (".keras", ".convcore", ".weights.json", *_LEGACY), "load_weights")
    if objects_to_skip is not None and not path.endswith((".weights.h5", ".weights.json")):
        raise ValueError(
            "load_weights: objects_to_skip only supports loading '.weights.h5' files, also those that a "
            f"'.weights.json' names; received {path!r}"
        )
    _require_built(model, "load_weights")
    if path.endswith(".convcore"):
        from .model_file import load_exported_weights

        return load_exported_weights(model, path)
    data: Any
    if path.endswith(".weights.json"):
        from .shards import ShardedFile

        data, where = ShardedFile(path), path
    elif path.endswith(".keras"):
        with Archive(path) as opened:
            data, where = opened.read(WEIGHTS), f"{path}: {WEIGHTS}"
    else:
        with open(path, "rb") as file:
            data, where = file.read(), path
        if _read_if_legacy(model, data, where, by_name, skip_mismatch):
            return
    if by_name:
        raise ValueError(
            "load_weights: by_name=True only supports loading legacy '.h5' or '.hdf5' files, those of Keras 1"
            f" and 2; received {path!r}, whose "
            "weights are stored by structure, not by name"
        )
    read_weights(model, data, where, skip_mismatch, objects_to_skip or ())


def _read_if_legacy(model, data, where, by_name, skip_mismatch):
    """Reads the weights if the bytes are a file of Keras 1 or 2; whether they were."""
    from .hdf5_file import Hdf5File
    from .legacy_weights import read_legacy_weights, weights_root

    file = Hdf5File(data, where)
    if weights_root(file) is None:
        return False
    read_legacy_weights(model, file, by_name, skip_mismatch)
    return True


def model_to_json(model, **kwargs):
    """The architecture and compile arguments of `model` as JSON text, without weights."""
    return json.dumps(serialization.serialize_keras_object(model), **kwargs)


def model_from_json(json_string, custom_objects=None):
    """Makes a new model, with fresh weights, from the text that `model.to_json()` returned."""
    config = parse_json(json_string, "model_from_json")
    with registry.CustomObjectScope(custom_objects):
        return _build_model(config, "model_from_json")


def _shared_config(model, include_optimizer=True):
    """The text of a file: unlike that of `to_json`, it tells which objects are one."""
    with serialization.object_sharing():
        config = serialization.serialize_keras_object(model)
    if not include_optimizer:
        config.pop("compile_config", None)
    return json.dumps(config)


def _build_model(config, where):
    """Constructs the model of a parsed config."""
    from ..models import Model

    with configuration_of(where):
        if isinstance(config.get("compile_config"), dict):
            config["compile_config"] = modern_compile_config(config["compile_config"])
        _drop_unknown_compile_config(config)
        missing = serialization.missing_names(config)
        if missing:
            raise ModelFormatError(serialization.unknown_message(missing))
        with serialization.object_sharing():
            model = serialization.deserialize_keras_object(config)
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
        doing = "saving" if caller.startswith("save") else "loading weights into"
        raise ValueError(
            f"{caller}: You are {doing} a model that has not yet been built. Received {model.name!r}, which "
            "has no weights yet. Give it an Input, call it on data or call build(input_shape) first."
        )


def _bytes_of(filepath):
    """The bytes that were given or can be read from an open file; None for a path."""
    if isinstance(filepath, bytes | bytearray | memoryview):
        return bytes(filepath)
    return filepath.read() if hasattr(filepath, "read") else None


def _named(filepath, caller):
    if not isinstance(filepath, str | bytes | os.PathLike):
        raise TypeError(f"{caller}: argument `filepath`: expected a path; received {filepath!r}")
    return os.fsdecode(os.fspath(filepath))


def _path(filepath, ending, caller):
    path = _named(filepath, caller)
    if not path.endswith(ending):
        wanted = " or ".join(map(repr, (ending,) if isinstance(ending, str) else ending))
        raise ValueError(
            f"{caller}: Invalid filepath extension for saving: expected a path that ends in {wanted}; "
            f"received {path!r}"
        )
    return path


def _existing(filepath, endings, caller):
    path = _named(filepath, caller)
    if not path.endswith(endings):
        raise ValueError(
            f"{caller}: File format not supported: expected a path that ends in "
            f"{' or '.join(map(repr, endings))}; received {path!r}"
        )
    if not os.path.isfile(path):
        raise ValueError(f"{caller}: File not found: {path!r}. Please ensure the file is an accessible one.")
    return path
