"""A structure of numbers, strings, arrays, lists and dicts as one file: arrays in NumPy's format, the rest as
JSON beside them.
"""

import json
from typing import Any

import numpy as np

from ..saving.atomic import atomic_write

TREE = "tree"


def write(path, state):
    """Writes the file; it appears whole or not at all. Tuples come back as lists."""
    arrays: dict[str, Any] = {}
    tree = json.dumps(_without_arrays(state, arrays))
    arrays[TREE] = np.frombuffer(tree.encode(), "uint8")
    with atomic_write(path) as file:
        np.savez(file, **arrays)


def _without_arrays(state, arrays):
    if isinstance(state, np.generic):
        state = np.asarray(state)
    if isinstance(state, np.ndarray):
        name = f"array_{len(arrays)}"
        arrays[name] = state
        return {"array": name}
    if isinstance(state, dict):
        return {"dict": {key: _without_arrays(value, arrays) for key, value in state.items()}}
    if isinstance(state, list | tuple):
        return [_without_arrays(item, arrays) for item in state]
    return state


def read(path):
    """What `write` was given. Nothing in the file is executed."""
    with np.load(path, allow_pickle=False) as arrays:
        return _with_arrays(json.loads(arrays[TREE].tobytes().decode()), arrays)


def _with_arrays(tree, arrays):
    if isinstance(tree, dict):
        if "array" in tree:
            array = arrays[tree["array"]]
            return array if array.ndim else array[()]
        return {key: _with_arrays(value, arrays) for key, value in tree["dict"].items()}
    if isinstance(tree, list):
        return [_with_arrays(item, arrays) for item in tree]
    return tree
