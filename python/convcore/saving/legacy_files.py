"""Whole models in one HDF5 file (`.h5`), as Keras 1 and 2 wrote them and Keras 3 still does."""

import io
import json
import warnings
from typing import Any

from .archive import parse_json
from .errors import configuration_of, refuse
from .hdf5_file import Hdf5File
from .legacy_configs import compile_config, modern_config
from .legacy_weights import (
    names_in,
    read_legacy_weights,
    stored_names,
    write_legacy_weights,
    write_names,
)
from .old_optimizers import assignments, keras_1_assignments
from .weights import saved_variables


def read_config(data, where):
    """(Hdf5File, the model's config in today's form) of the bytes of a file."""
    file = Hdf5File(data, where)
    attributes = file.attributes()
    text = attributes.get("model_config")
    if not isinstance(text, str):
        raise refuse(
            where,
            "a whole model (attribute model_config)",
            "a file without one",
            "If it holds weights only, build the model and use load_weights.",
        )
    version = attributes.get("keras_version", "1")
    config = parse_json(text, f"{where}: model_config")
    with configuration_of(f"{where}: model_config"):
        config = modern_config(config, str(version))
    training = attributes.get("training_config")
    if isinstance(training, str):
        training = parse_json(training, f"{where}: training_config")
        with configuration_of(f"{where}: training_config"):
            config["compile_config"] = compile_config(training)
    return file, config


def restore(model, file):
    """Assigns weights and, where it fits, the optimizer's state."""
    read_legacy_weights(model, file)
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None or file.group("optimizer_weights") is None:
        return
    names = names_in(file, "optimizer_weights", "weight_names")
    found = [file.dataset(f"optimizer_weights/{name}") for name in names]
    if not optimizer.built:
        optimizer.build(model.trainable_variables)
    plan = None
    if all(dataset is not None for dataset in found):
        arrays = [dataset.array() for dataset in found]
        if str(file.attributes().get("keras_version", "1")).startswith("1"):
            plan = keras_1_assignments(optimizer, arrays, stored_names(model, file))
        else:
            plan = assignments(optimizer, arrays, names)
    if plan is None:
        warnings.warn(
            f"{file.where}: the state of the optimizer ({len(found)} variables of another version of Keras) "
            f"does not fit {type(optimizer).__name__} ({len(optimizer.variables)} variables). "
            "It was skipped.",
            stacklevel=4,
        )
        return
    for variable, array in plan:
        variable.assign(array)


def write_model(model, config, version):
    """The bytes of an `.h5` file of a whole model.

    Args:
        model: A built model.
        config: Its serialised form.
        version: The keras_version to write.
    """
    import h5py

    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.attrs["backend"], file.attrs["keras_version"] = "tensorflow", version
        model_config = {"class_name": config["class_name"], "config": config["config"]}
        file.attrs["model_config"] = json.dumps(model_config)
        compiled = config.get("compile_config")
        if compiled:
            training = {"optimizer_config": compiled["optimizer"]}
            training.update((key, _spelled_out(compiled.get(key), kind)) for key, kind in _TRAINING.items())
            file.attrs["training_config"] = json.dumps(training)
        write_legacy_weights(file.create_group("model_weights"), model, version)
        if compiled and model.optimizer is not None and model.optimizer.built:
            _write_optimizer(file.create_group("optimizer_weights"), model.optimizer)
    return buffer.getvalue()


_TRAINING = {"loss": "losses", "metrics": "metrics", "weighted_metrics": "metrics", "loss_weights": None}
# names that Keras resolves when the shapes of the targets are known
_BY_SHAPES = ("accuracy", "acc", "crossentropy", "ce")


def _spelled_out(given, kind):
    """Compile arguments with configurations for names like "mse", which Keras does not read here."""
    if isinstance(given, list):
        return [_spelled_out(item, kind) for item in given]
    if isinstance(given, dict) and "class_name" not in given:
        return {name: _spelled_out(item, kind) for name, item in given.items()}
    if not isinstance(given, str) or kind is None or given in _BY_SHAPES:
        return given
    from .. import losses, metrics
    from .serialization import serialize_keras_object

    found = losses.get(given) if kind == "losses" else metrics.get(given)
    if kind == "losses" and not isinstance(found, losses.Loss):
        plain = found.__name__.replace("_", "").lower()
        classes: tuple[Any, ...] = losses.CLASSES
        found = next(cls() for cls in classes if cls.__name__.lower() == plain)
    config = serialize_keras_object(found)
    config["config"]["name"] = given
    return config


def _write_optimizer(group, optimizer):
    names = [f"{optimizer.name}/{variable.path}" for variable in optimizer.variables]
    values = saved_variables(optimizer).values()
    for name, value in zip(names, values, strict=True):
        group.create_dataset(name, data=value)
    write_names(group, "weight_names", names)
