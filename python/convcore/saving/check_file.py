"""What a model file needs, found without building the model."""

import os

from . import serialization
from .archive import CONFIG, WEIGHTS, Archive
from .errors import ModelFormatError, refuse
from .hdf5_file import Hdf5File
from .legacy_weights import names_in, weights_root


def check_file(filepath):
    """Everything that stands in the way of loading a file, at once.

    Args:
        filepath: A `.keras`, `.h5` or `.weights.h5` file.

    Returns: a dict: `kind`; `layers`, the number of layers in the configuration; `arrays`, that of stored
    arrays (weights and the optimizer's state); `unknown`, names of classes and functions that convcore lacks;
    `problems`, datasets that cannot be read; `ok`.

    Raises:
        ModelFormatError: the file is none of these, or too damaged to look into.
    """
    path = os.fsdecode(os.fspath(filepath))
    if not os.path.isfile(path):
        raise refuse("check", "an existing file", f"{path!r}, which was not found")
    if path.endswith(".keras"):
        kind = "model of Keras 2 or 3"
        with Archive(path) as archive:
            config, data = archive.read_json(CONFIG), archive.read(WEIGHTS)
        file = Hdf5File(data, f"{path}: {WEIGHTS}")
    else:
        with open(path, "rb") as opened:
            kind, config, file = _hdf5(opened.read(), path)
    unknown = sorted(set(serialization.missing_names(config)))
    count, problems = _datasets(file)
    return {
        "kind": kind,
        "layers": _layer_count(config),
        "arrays": count,
        "unknown": unknown,
        "problems": problems,
        "ok": not unknown and not problems,
    }


def _hdf5(data, path):
    """(kind, config or None, file) of an HDF5 file."""
    from .legacy_files import read_config

    file = Hdf5File(data, path)
    if "model_config" in file.attributes():
        return "model in the layout of Keras 1 and 2", *reversed(read_config(data, path))
    root = weights_root(file)
    if root is None:
        return "weights of Keras 3", None, file
    layers = [{"name": name} for name in names_in(file, root, "layer_names")]
    return "weights of Keras 1 or 2", {"config": {"layers": layers}}, file


def _layer_count(config):
    """The layers in a configuration, those of nested models included."""
    inner = config.get("config") if isinstance(config, dict) else None
    layers = inner.get("layers") if isinstance(inner, dict) else None
    if not isinstance(layers, list):
        return 0
    return len(layers) + sum(_layer_count(layer) for layer in layers)


def _datasets(file):
    """(number of datasets below the root, what is wrong with those that cannot be read)."""
    count, problems, waiting = 0, [], [""]
    seen: set[str] = set()
    while waiting:
        path = waiting.pop()
        try:
            members = file.group(path)
            if members is None:
                count += 1
                file.dataset(path)
                continue
            # A damaged file may have a group inside itself.
            new = {name: address for name, address in members.items() if address not in seen}
            seen.update(new.values())
            waiting.extend(f"{path}/{name}".lstrip("/") for name in new)
        except ModelFormatError as error:
            problems.append(str(error))
    return count, problems
