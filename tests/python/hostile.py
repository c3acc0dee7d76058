"""What the tests of hostile files share: a good file, ways to spoil it, and what refusing means."""

import functools
import io
import json
import os
import tempfile
import zipfile

import convcore
import h5py
import numpy as np
import pytest
from convcore import layers, saving
from convcore.saving import ModelFormatError
from models_to_save import trained

NAMES = ("metadata.json", "config.json", "model.weights.h5")


@functools.cache
def good_members():
    """The members of a good file."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "m.keras")
        trained("sequential").save(path)
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in NAMES}


def write(path, members, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def refused(path, *words, **arguments):
    with pytest.raises(ModelFormatError) as error:
        saving.load_model(path, **arguments)
    assert isinstance(error.value, ValueError)
    for word in words:
        assert word in str(error.value), str(error.value)


def with_config(path, members, change):
    """A file whose config was changed by a function."""
    config = json.loads(members["config.json"])
    changed = change(config)
    return write(path, {**members, "config.json": json.dumps(config if changed is None else changed)})


def places(value):
    """(container, key) of everything inside a parsed JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield value, key
        yield from places(item)


def dense_weights(change):
    """The bytes of a weights file for Dense(3) on 4 features, after `change(file)`."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        group = file.create_group("layers/dense/vars")
        group["0"] = np.ones((4, 3), "float32")
        group["1"] = np.ones(3, "float32")
        change(file, group)
    return buffer.getvalue()


def refused_weights(tmp_path, content, *words):
    """`load_weights` refuses the bytes and leaves the model alone."""
    model = convcore.Sequential([convcore.Input((4,)), layers.Dense(3)])
    before = model.get_weights()
    (tmp_path / "m.weights.h5").write_bytes(content)
    with pytest.raises(ModelFormatError) as error:
        model.load_weights(tmp_path / "m.weights.h5")
    for word in words:
        assert word in str(error.value), str(error.value)
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
