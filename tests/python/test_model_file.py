"""`.convcore` files: the same bits as the model that wrote them, for prediction and for training."""

import json
import os

import convcore
import numpy as np
import pytest
from convcore import layers
from convcore.saving import ExportedModel, ModelFormatError

RNG = np.random.default_rng(3)


def convnet():
    return convcore.Sequential(
        [
            layers.Input((12, 12, 2), name="image"),
            layers.Conv2D(8, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.3, seed=4),
            layers.Dense(3, activation="softmax"),
        ]
    )


def two_inputs():
    a, b = layers.Input((8, 4), name="a"), layers.Input((8, 4), name="b")
    tower = layers.Conv1D(5, 3, padding="causal", activation="tanh")
    merged = layers.Concatenate()([tower(a), tower(b)])
    return convcore.Model([a, b], [layers.GlobalAveragePooling1D()(merged), layers.Dense(2)(merged)])


def volume():
    return convcore.Sequential([layers.Input((5, 6, 7, 2)), layers.Conv3D(4, 2), layers.GlobalMaxPooling3D()])


@pytest.mark.parametrize("make", [convnet, two_inputs, volume])
def test_predictions_are_those_of_the_model(make, tmp_path):
    model = make()
    x = [RNG.normal(size=(5, *t.shape[1:])).astype("float32") for t in model.inputs]
    model.export(tmp_path / "m.convcore")
    exported = ExportedModel(tmp_path / "m.convcore")
    expected, actual = model.predict(x if len(x) > 1 else x[0], verbose=0), exported.predict(*x)
    if not isinstance(expected, list):
        expected, actual = [expected], [actual]
    assert len(expected) == len(actual)
    for e, a in zip(expected, actual, strict=True):
        np.testing.assert_array_equal(a, e)
    assert exported.functions == ["predict"]
    assert exported.inputs()[0][1:] == ("float32", (None, *model.inputs[0].shape[1:]))
    assert exported.verify() == {"ok": True, "bitwise": True, "max_error": 0.0, "function": "predict"}


def test_open_sizes_are_bound_by_the_call(tmp_path):
    model = convcore.Sequential(
        [layers.Input((None, None, 3)), layers.Conv2D(4, 3, strides=2), layers.GlobalAveragePooling2D()]
    )
    model.export(tmp_path / "m.convcore")
    exported = ExportedModel(tmp_path / "m.convcore")
    for size in ((9, 9), (16, 7)):
        x = RNG.normal(size=(2, *size, 3)).astype("float32")
        np.testing.assert_array_equal(exported.predict(x), model.predict(x, verbose=0))
    with pytest.raises(ValueError, match="a file with a sample"):
        exported.verify()
    model.export(tmp_path / "m.convcore", sample=np.ones((1, 9, 9, 3)))
    assert ExportedModel(tmp_path / "m.convcore").verify()["bitwise"]


def test_training_goes_on_to_the_last_bit(tmp_path):
    """Ten steps of Adam through the file equal ten steps of fit: weights, moving averages, dropout, logs."""
    x = RNG.normal(size=(80, 12, 12, 2)).astype("float32")
    y = RNG.integers(0, 3, 80).astype("int32")
    model = convnet()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x[:16], y[:16], batch_size=8, verbose=0, shuffle=False)
    model.export(tmp_path / "t.convcore", training=True)
    exported = ExportedModel(tmp_path / "t.convcore")
    exported.reset_metrics()
    for i in range(0, 80, 8):
        logs = exported.train_step(x[i : i + 8], y[i : i + 8])
    history = model.fit(x, y, batch_size=8, verbose=0, shuffle=False).history
    assert logs == {name: pytest.approx(values[0], rel=1e-6) for name, values in history.items()}
    exported.save(tmp_path / "after.convcore")

    again = convnet()
    again.load_weights(tmp_path / "after.convcore")
    for expected, actual in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(actual, expected)
    np.testing.assert_array_equal(exported.predict(x[:3]), model.predict(x[:3], verbose=0))
    assert ExportedModel(tmp_path / "after.convcore").verify()["bitwise"]


def test_an_example_batch_fixes_the_targets(tmp_path):
    model = convcore.Sequential([layers.Input((4,)), layers.Dense(2)])
    model.compile("sgd", lambda y, p: convcore.ops.mean(convcore.ops.abs(y - p[:, :1])))
    x, y = np.ones((3, 4), "float32"), np.zeros((3, 1), "float32")
    model.export(tmp_path / "t.convcore", training=(x, y))
    exported = ExportedModel(tmp_path / "t.convcore")
    assert exported.inputs("train_step")[1][2] == (None, 1)
    assert exported.train_step(x, y)["loss"] == pytest.approx(
        float(np.abs(model.predict(x, verbose=0)[:, 0]).mean())
    )


def test_the_container_is_plain_safetensors(tmp_path):
    """Read by hand: header, offsets, and the kernel at its place."""
    model = convnet()
    model.export(tmp_path / "m.convcore")
    data = (tmp_path / "m.convcore").read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    entry = header["layers/conv2d/kernel"]
    begin, end = (8 + length + offset for offset in entry["data_offsets"])
    kernel = np.frombuffer(data[begin:end], "<f4").reshape(entry["shape"])
    np.testing.assert_array_equal(kernel, model.layers[0].kernel.numpy())
    assert begin % 4 == 0
    described = json.loads(header["__metadata__"]["model"])
    assert "conv" in [node["op"] for node in described["functions"]["predict"]["nodes"]]
    assert set(described["variables"]) <= set(header)


def test_what_cannot_be_exported_is_refused(tmp_path):
    model = convnet()
    with pytest.raises(ValueError, match="ends in .convcore; received"):
        model.export(tmp_path / "m.onnx")
    with pytest.raises(ValueError, match="compiled model"):
        model.export(tmp_path / "m.convcore", training=True)
    with pytest.raises(ValueError, match="known inputs"):
        convcore.Sequential([layers.Dense(2)]).export(tmp_path / "m.convcore")
    assert os.listdir(tmp_path) == []


def test_files_that_do_not_fit_change_nothing(tmp_path):
    model = convnet()
    model.export(tmp_path / "m.convcore")
    other = convcore.Sequential(
        [layers.Input((12, 12, 2)), layers.Conv2D(4, 3), layers.Flatten(), layers.Dense(3)]
    )
    before = other.get_weights()
    with pytest.raises(ModelFormatError, match="layers/conv2d/kernel"):
        other.load_weights(tmp_path / "m.convcore")
    for expected, actual in zip(before, other.get_weights(), strict=True):
        np.testing.assert_array_equal(actual, expected)
    (tmp_path / "cut.convcore").write_bytes((tmp_path / "m.convcore").read_bytes()[:-1])
    with pytest.raises(ModelFormatError, match="cut.convcore"):
        ExportedModel(tmp_path / "cut.convcore")
    with pytest.raises(ValueError, match="a file that can be read"):
        ExportedModel(tmp_path / "none.convcore")


def test_wrong_arrays_are_refused(tmp_path):
    model = convnet()
    model.export(tmp_path / "m.convcore")
    exported = ExportedModel(tmp_path / "m.convcore")
    with pytest.raises(ValueError, match=r"\"image\".*expected float32 \(None, 12, 12, 2\)"):
        exported.predict(np.zeros((1, 2, 12, 12)))
    with pytest.raises(ValueError, match="expects 1 arrays; received 2"):
        exported.predict(np.zeros((1, 12, 12, 2)), np.zeros(3))
    with pytest.raises(ValueError, match="one of its functions"):
        exported.train_step(np.zeros((1, 12, 12, 2)), np.zeros(1))


def test_only_training_needs_the_state_of_the_optimizer(tmp_path):
    model = convcore.Sequential([convcore.Input((4,)), convcore.layers.Dense(3)])
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(np.ones((2, 4), "float32"), np.ones((2, 3), "float32"), verbose=0)
    for training, extra in ((False, set()), (True, {"optimizer", "metrics"})):
        model.export(tmp_path / "m.convcore", training=training)
        names = ExportedModel(tmp_path / "m.convcore").variables()
        assert {name.split("/")[0] for name in names} - {"layers", "state"} == extra
        again = convcore.Sequential([convcore.Input((4,)), convcore.layers.Dense(3)])
        again.load_weights(tmp_path / "m.convcore")
        assert all(
            np.array_equal(a, b) for a, b in zip(again.get_weights(), model.get_weights(), strict=True)
        )
