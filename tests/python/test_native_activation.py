"""Activations of compiled code, here by way of ctypes, beside the same function composed of ops."""

import ctypes
import json
import zipfile

import convcore
import numpy as np
import pytest
from convcore import _core, activations, layers
from convcore.saving import ModelFormatError

FUNCTION = ctypes.CFUNCTYPE(
    None, ctypes.POINTER(ctypes.c_float), ctypes.POINTER(ctypes.c_float), ctypes.c_size_t
)


def compiled(formula):
    def call(x, y, n):
        np.ctypeslib.as_array(y, (n,))[:] = formula(np.ctypeslib.as_array(x, (n,)))

    return FUNCTION(call)


VALUE = compiled(lambda x: x / (1 + np.abs(x)))
DERIVATIVE = compiled(lambda x: (1 / (1 + np.abs(x))) ** 2)
native_softsign = activations.register_native("native_softsign", value=VALUE, derivative=DERIVATIVE)


def network(activation):
    convcore.utils.set_random_seed(1)
    inputs = convcore.Input((7, 7, 2))
    x = layers.Conv2D(3, 3, activation=activation)(inputs)
    x = layers.Activation(activation)(layers.BatchNormalization()(x))
    x = layers.Dense(4)(layers.Flatten()(x))
    model = convcore.Model(inputs, activations.get(activation)(x))
    model.compile("adam", "mse")
    return model


def data():
    draws = np.random.default_rng(0)
    return draws.normal(size=(6, 7, 7, 2)).astype("float32"), draws.normal(size=(6, 4)).astype("float32")


def test_runs_and_trains_as_the_same_function_made_of_ops(tmp_path):
    x, y = data()
    model, composed = network("native_softsign"), network("softsign")
    for m in (model, composed):
        m.fit(x, y, batch_size=2, epochs=2, shuffle=False, verbose=0)
    np.testing.assert_allclose(model.predict(x, verbose=0), composed.predict(x, verbose=0), atol=1e-6)
    for a, b in zip(model.weights, composed.weights, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), atol=1e-5, err_msg=a.path)
    assert native_softsign(np.float32([1, -3])).tolist() == [0.5, -0.75]

    model.save(tmp_path / "m.keras")
    again = convcore.models.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
    assert again.train_on_batch(x, y) == model.train_on_batch(x, y)

    model.export(tmp_path / "m.convcore")
    deployed = _core.Model.load(str(tmp_path / "m.convcore"))
    np.testing.assert_array_equal(deployed.run("predict", x)[0], model.predict(x, verbose=0))


def test_mixed_precision_and_both_formats():
    x = data()[0]
    conv = layers.Conv2D(3, 3, activation="native_softsign", data_format="channels_first")
    turned = layers.Conv2D(3, 3, activation="native_softsign")
    conv.build((None, 2, 7, 7)), turned.build((None, 7, 7, 2))
    turned.set_weights(conv.get_weights())
    np.testing.assert_allclose(
        conv(x.transpose(0, 3, 1, 2)).transpose(0, 2, 3, 1), turned(x), rtol=0, atol=1e-6
    )
    half = layers.Conv2D(3, 3, activation="native_softsign", dtype="mixed_float16")
    half.build((None, 7, 7, 2))
    half.set_weights(conv.get_weights())
    np.testing.assert_allclose(half(x).astype("float32"), turned(x), rtol=0, atol=5e-3)


def test_a_file_that_names_an_unknown_one_is_refused(tmp_path):
    model = network("native_softsign")
    model.save(tmp_path / "m.keras")
    with zipfile.ZipFile(tmp_path / "m.keras") as file:
        members = {name: file.read(name) for name in file.namelist()}
    members["config.json"] = members["config.json"].replace(b"native_softsign", b"native_softsigh")
    json.loads(members["config.json"])
    with zipfile.ZipFile(tmp_path / "other.keras", "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    with pytest.raises(ModelFormatError, match="native_softsigh"):
        convcore.models.load_model(tmp_path / "other.keras")

    model.export(tmp_path / "m.convcore")
    changed = (tmp_path / "m.convcore").read_bytes().replace(b"native_softsign", b"native_softsigh")
    (tmp_path / "other.convcore").write_bytes(changed)
    with pytest.raises(
        _core.ModelFormatError, match=r"registered activation \(.*native_softsign.*native_softsigh"
    ):
        _core.Model.load(str(tmp_path / "other.convcore"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "not a name", "value": VALUE}, "identifier"),
        ({"name": "relu", "value": VALUE}, "built in"),
        ({"name": "softsign_v2"}, "both or neither"),
        ({"name": "softsign_v2", "library": "libm.so.6", "value": VALUE}, "both or neither"),
        ({"name": "softsign_v2", "library": ctypes.CDLL(None)}, "exports a function 'softsign_v2'"),
        ({"name": "softsign_v2", "value": 3.5}, "function of ctypes"),
        ({"name": "native_softsign", "value": DERIVATIVE}, "stands for other functions"),
    ],
)
def test_mistakes(arguments, message):
    with pytest.raises(ValueError, match=message):
        activations.register_native(**arguments)


def test_without_a_derivative_a_model_predicts_but_does_not_train():
    floor = activations.register_native("native_floor", value=compiled(np.floor))
    model = convcore.Sequential([convcore.Input((2,)), layers.Activation(floor), layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.float32([[1.5, -1.5]])
    assert model.predict(x, verbose=0).shape == (1, 1)
    model.layers[0].trainable = True
    first = convcore.Sequential([convcore.Input((2,)), layers.Dense(1, activation="native_floor")])
    first.compile("sgd", "mse")
    with pytest.raises(ValueError, match="registered with its derivative"):
        first.fit(x, np.float32([[1]]), verbose=0)
