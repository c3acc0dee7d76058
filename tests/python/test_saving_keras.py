"""Files exchanged with Keras: predictions, optimizer state and further training agree both ways."""

import functools
import json
import os

import convcore
import h5py
import numpy as np
import pytest
from convcore import layers, saving
from models_to_save import data, functional, sequential, trained
from oracle import keras

TOLERANCE = {"rtol": 1e-5, "atol": 1e-5}


def keras_sequential():
    k = keras.layers
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            k.Conv2D(4, 3, activation="relu", name="first", kernel_regularizer="l2"),
            k.BatchNormalization(),
            k.Conv2D(4, 3, padding="same", kernel_initializer="he_normal"),
            k.ReLU(),
            k.MaxPooling2D(2),
            k.Flatten(),
            k.Dropout(0.25, seed=3),
            k.Dense(3, activation="softmax"),
        ]
    )


def keras_functional():
    k = keras.layers
    a, b = keras.Input((6, 6, 2), name="a"), keras.Input((6, 6, 2), name="b")
    shared = k.Conv2D(3, 3, padding="same", activation="relu", name="shared")
    tower = keras.Sequential([keras.Input((6, 6, 3)), k.Conv2D(2, 3), k.Flatten()], name="tower")
    joined = tower(shared(a) + shared(b) * 2.0)
    return keras.Model([a, b], k.Dense(3, activation="softmax", name="out")(joined), name="two_inputs")


KERAS_MAKERS = {"sequential": keras_sequential, "functional": keras_functional}
MAKERS = {"sequential": sequential, "functional": functional}


@functools.cache
def trained_in_keras(kind):
    """Cached, because compiling a training step takes Keras on JAX some seconds."""
    model = KERAS_MAKERS[kind]()
    model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    x, y = data(kind)
    model.fit(x, y, batch_size=8, epochs=1, verbose=0, shuffle=False)
    return model


def predictions(model, x):
    return np.asarray(model.predict(x, verbose=0))


def assert_same_training(ours, theirs, kind):
    """Both models take the same steps from here: weights and optimizer state stay together."""
    x, y = data(kind)
    ours.fit(x, y, batch_size=8, epochs=2, verbose=0, shuffle=False)
    theirs.fit(x, y, batch_size=8, epochs=2, verbose=0, shuffle=False)
    for a, b in zip(
        [*ours.weights, *ours.optimizer.variables],
        [*theirs.weights, *theirs.optimizer.variables],
        strict=True,
    ):
        b = np.asarray(b)
        np.testing.assert_allclose(
            a.numpy(), b, rtol=1e-4, atol=1e-4 * max(np.abs(b).max(), 1e-3), err_msg=a.path
        )


@pytest.mark.parametrize("kind", MAKERS)
def test_keras_opens_our_model(kind, tmp_path):
    model = trained(kind)
    model.save(tmp_path / "m.keras")
    theirs = keras.saving.load_model(tmp_path / "m.keras")
    x, y = data(kind)
    np.testing.assert_allclose(predictions(theirs, x), model.predict(x), **TOLERANCE)
    assert [layer.name for layer in theirs.layers] == [layer.name for layer in model.layers]
    for a, b in zip(model.optimizer.variables, theirs.optimizer.variables, strict=True):
        np.testing.assert_array_equal(a.numpy(), np.asarray(b))
    ours = model.evaluate(x, y, verbose=0)
    np.testing.assert_allclose(ours, theirs.evaluate(x, y, verbose=0), rtol=1e-4)


@pytest.mark.parametrize("kind", MAKERS)
def test_we_open_keras_model(kind, tmp_path):
    theirs = trained_in_keras(kind)
    theirs.save(tmp_path / "k.keras")
    model = saving.load_model(tmp_path / "k.keras")
    x, y = data(kind)
    np.testing.assert_allclose(model.predict(x), predictions(theirs, x), **TOLERANCE)
    for a, b in zip(model.optimizer.variables, theirs.optimizer.variables, strict=True):
        np.testing.assert_array_equal(a.numpy(), np.asarray(b))
    np.testing.assert_allclose(model.evaluate(x, y, verbose=0), theirs.evaluate(x, y, verbose=0), rtol=1e-4)


def test_training_continues_alike_in_both(tmp_path):
    trained_in_keras("functional").save(tmp_path / "k.keras")
    theirs = keras.saving.load_model(tmp_path / "k.keras")
    assert_same_training(saving.load_model(tmp_path / "k.keras"), theirs, "functional")
    ours = trained("functional")
    ours.save(tmp_path / "c.keras")
    assert_same_training(ours, keras.saving.load_model(tmp_path / "c.keras"), "functional")


@pytest.mark.parametrize("kind", MAKERS)
def test_weights_files_go_both_ways(kind, tmp_path):
    x, _ = data(kind)
    ours, theirs = trained(kind), trained_in_keras(kind)
    ours.save_weights(tmp_path / "c.weights.h5")
    other = KERAS_MAKERS[kind]()
    other.load_weights(tmp_path / "c.weights.h5")
    np.testing.assert_allclose(predictions(other, x), ours.predict(x), **TOLERANCE)
    theirs.save_weights(tmp_path / "k.weights.h5")
    ours.load_weights(tmp_path / "k.weights.h5")
    np.testing.assert_allclose(ours.predict(x), predictions(theirs, x), **TOLERANCE)


@pytest.mark.parametrize("kind", MAKERS)
def test_files_have_the_same_groups_and_configs(kind, tmp_path):
    ours, theirs = trained(kind), trained_in_keras(kind)
    ours.save_weights(tmp_path / "c.weights.h5")
    theirs.save_weights(tmp_path / "k.weights.h5")
    assert contents(tmp_path / "c.weights.h5") == contents(tmp_path / "k.weights.h5")
    convcore.utils.clear_session()
    keras.utils.clear_session()
    ours, theirs = MAKERS[kind](), KERAS_MAKERS[kind]()
    mine, expected = stripped(json.loads(ours.to_json())), stripped(json.loads(theirs.to_json()))
    assert difference(mine, expected, "") == []


def contents(path):
    found = {}
    with h5py.File(path) as file:
        file.visititems(
            lambda name, item: found.update(
                {name: (getattr(item, "shape", None), str(getattr(item, "dtype", "")))}
            )
        )
    return found


def stripped(value):
    """Without what may differ between equal models."""
    if isinstance(value, dict):
        return {key: stripped(item) for key, item in value.items() if key != "compile_config"}
    return [stripped(item) for item in value] if isinstance(value, list) else value


def difference(mine, expected, path):
    """Where two configs differ, as readable lines."""
    if isinstance(mine, dict) and isinstance(expected, dict):
        lines = []
        for key in sorted({*mine, *expected}):
            if key not in mine or key not in expected:
                lines.append(f"{path}.{key}: {'missing here' if key not in mine else 'not in Keras'}")
            else:
                lines += difference(mine[key], expected[key], f"{path}.{key}")
        return lines
    if isinstance(mine, list) and isinstance(expected, list) and len(mine) == len(expected):
        return [
            line
            for i, pair in enumerate(zip(mine, expected, strict=True))
            for line in difference(*pair, f"{path}[{i}]")
        ]
    return [] if mine == expected else [f"{path}: {mine!r} here, {expected!r} in Keras"]


def test_subclassed_layers_in_containers_lie_at_the_same_paths(tmp_path):
    class Ours(convcore.Model):
        def __init__(self):
            super().__init__()
            fill(self, layers)

        def call(self, x):
            return run(self, x)

    class Theirs(keras.Model):
        def __init__(self):
            super().__init__()
            fill(self, keras.layers)

        def call(self, x):
            return run(self, x)

    def fill(model, kind):
        model.stem = kind.Dense(4)
        model._hidden = kind.Dense(4)
        model.blocks = [kind.Dense(4), kind.ReLU(), kind.Dense(4), [kind.Dense(4)]]
        model.table = {"b": kind.Dense(4), "a": kind.Dense(4)}

    def run(model, x):
        x = model._hidden(model.stem(x))
        for block in (*model.blocks[:3], model.blocks[3][0]):
            x = block(x)
        return model.table["a"](model.table["b"](x))

    x = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
    ours, theirs = Ours(), Theirs()
    expected = np.asarray(theirs(x))
    ours.build((None, 3))
    theirs.save_weights(tmp_path / "k.weights.h5")
    ours.load_weights(tmp_path / "k.weights.h5")
    np.testing.assert_allclose(ours.predict(x), expected, **TOLERANCE)
    ours.save_weights(tmp_path / "c.weights.h5")
    assert contents(tmp_path / "c.weights.h5") == contents(tmp_path / "k.weights.h5")


def test_deflated_archives_open(tmp_path):
    import zipfile

    theirs = trained_in_keras("sequential")
    theirs.save(tmp_path / "k.keras")
    with (
        zipfile.ZipFile(tmp_path / "k.keras") as source,
        zipfile.ZipFile(tmp_path / "d.keras", "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for name in reversed(source.namelist()):
            out.writestr(name, source.read(name))
    assert os.path.getsize(tmp_path / "d.keras") < os.path.getsize(tmp_path / "k.keras")
    x, _ = data("sequential")
    np.testing.assert_allclose(
        saving.load_model(tmp_path / "d.keras").predict(x), predictions(theirs, x), **TOLERANCE
    )


def test_own_layers_are_reported_by_keras_by_name(tmp_path):
    convcore.Sequential([convcore.Input((4, 4, 1)), layers.L2Pooling2D(2)]).save(tmp_path / "m.keras")
    with pytest.raises(Exception, match="L2Pooling2D"):
        keras.saving.load_model(tmp_path / "m.keras")
