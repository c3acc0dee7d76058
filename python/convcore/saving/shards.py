"""Weights in several files of limited size, with a JSON file that tells which is where, in Keras's layout."""

import json
import os

from . import atomic
from .archive import parse_json
from .errors import refuse
from .hdf5_file import Hdf5File
from .weights import hdf5_bytes, stored_entries

ENDING = ".weights.json"
_GIGABYTE = 1 << 30
_MAX_FILES = 10_000


def write_shards(model, path, max_shard_size, skip=()):
    """Writes `name_00000.weights.h5`, .. beside `path`, then `path` itself, which names them.

    Args:
        model: A built model.
        path: Path that ends in `.weights.json`.
        max_shard_size: Most gigabytes (2**30 bytes) of weights in one file.
        skip: Objects that are left out.
    """
    most = _limit(max_shard_size)
    shards, total = _split(stored_entries(model, skip), most)
    folder, name = os.path.split(path)
    places: dict[str, list[str]] = {}
    for number, entries in enumerate(shards):
        file_name = f"{name.removesuffix(ENDING)}_{number:05}.weights.h5"
        with atomic.atomic_write(os.path.join(folder, file_name)) as file:
            file.write(hdf5_bytes(entries))
        for group, _, _ in entries:
            places.setdefault(f"/{group}", []).append(file_name)
    weight_map = {group: names[0] if len(names) == 1 else names for group, names in places.items()}
    text = json.dumps({"metadata": {"total_size": total}, "weight_map": weight_map}, indent=4)
    with atomic.atomic_write(path) as file:
        file.write(text.encode())


def _limit(max_shard_size):
    valid = isinstance(max_shard_size, int | float) and not isinstance(max_shard_size, bool)
    if not valid or not max_shard_size > 0:
        raise ValueError(
            "save_weights: argument `max_shard_size`: expected a number of gigabytes > 0; received "
            f"{max_shard_size!r}"
        )
    return max_shard_size * _GIGABYTE


def _split(stored, most):
    """Lists of (group, object name, arrays), each of at most ``most`` bytes, and the size of all."""
    shards: list[list] = [[]]
    size = total = 0
    for group, name, arrays in stored:
        for key, value in arrays.items():
            if value.nbytes > most:
                raise ValueError(
                    f"save_weights: the size of {group}/{key} is {value.nbytes} bytes, which exceeds the "
                    f"maximum shard size of {most:.0f} bytes: pass a larger `max_shard_size`"
                )
            if size + value.nbytes > most:
                shards.append([])
                size = 0
            if not shards[-1] or shards[-1][-1][0] != group:
                shards[-1].append((group, name, {}))
            shards[-1][-1][2][key] = value
            size += value.nbytes
            total += value.nbytes
    return shards, total


class ShardedFile:
    """Reads what `write_shards`, or Keras, wrote; to `read_weights` it is one file.

    Only files beside the JSON file are opened, each when it is first needed.
    """

    def __init__(self, path):
        with open(path, "rb") as file:
            config = parse_json(file.read(), path)
        self.where = path
        self._folder = os.path.dirname(path)
        self._opened: dict[str, Hdf5File] = {}
        weight_map = config.get("weight_map")
        if not isinstance(weight_map, dict):
            raise refuse(path, "an object with a `weight_map`", f"{str(config)[:80]}")
        self._places = {
            group.strip("/"): self._names(names, f"{path}: weight_map: {group}")
            for group, names in weight_map.items()
        }
        if len({name for names in self._places.values() for name in names}) > _MAX_FILES:
            raise refuse(path, f"at most {_MAX_FILES} files", "more")

    def _names(self, names, where):
        names = [names] if isinstance(names, str) else names
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise refuse(where, "the name of a file or a list of names", f"{str(names)[:80]}")
        for name in names:
            if not name.endswith(".h5") or "\0" in name or any(mark in name for mark in "/\\:"):
                raise refuse(where, "the name of an .h5 file in the same folder", repr(name[:80]))
        return names

    def group(self, path=""):
        """The names at the root, as a dict."""
        return {place.split("/")[0]: None for place in self._places}

    def datasets(self, path):
        """{key: dataset} of the group, from all files that have a part of it."""
        found: dict = {}
        for name in self._places.get(path, ()):
            found |= self._open(name).datasets(path)
        return found

    def _open(self, name):
        if name not in self._opened:
            path = os.path.join(self._folder, name)
            if not os.path.isfile(path):
                raise refuse(self.where, f"the file {name!r} beside it", "none")
            with open(path, "rb") as file:
                self._opened[name] = Hdf5File(file.read(), path)
        return self._opened[name]
