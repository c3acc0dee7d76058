"""Files of Keras 1 and 2, and the layout that Keras 3 still writes for them."""

import json
import warnings
from pathlib import Path

import convcore
import h5py
import numpy as np
import pytest
from convcore import layers
from convcore.saving import ModelFormatError

GOLDEN = Path(__file__).parents[1] / "golden"
pytestmark = pytest.mark.filterwarnings("ignore:.*state of the optimizer.*", "ignore:.*optimizer state.*")


def recorded(name):
    """(inputs, output) that the library which wrote the file computed."""
    with np.load(GOLDEN / f"{name}.npz") as file:
        inputs = [file[key] for key in sorted(file.files) if key != "y"]
        return inputs if len(inputs) > 1 else inputs[0], file["y"]


@pytest.mark.parametrize(
    "name", ["keras_2_21_functional.h5", "keras_2_21_functional.keras", "keras_2_21_sequential.h5"]
)
def test_models_of_keras_2(name):
    x, y = recorded(name.rsplit(".", 1)[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = convcore.models.load_model(GOLDEN / name)
    np.testing.assert_allclose(model.predict(x, verbose=0), y, rtol=0, atol=1e-5)
    assert model.compiled
    assert type(model.optimizer).__name__ == ("SGD" if "sequential" in name else "Adam")


def test_weights_of_keras_2():
    x, y = recorded("keras_2_21_functional")
    model = convcore.models.load_model(GOLDEN / "keras_2_21_functional.h5", compile=False)
    for variable in model.weights:
        variable.assign(np.zeros(variable.shape, "float32"))
    model.load_weights(GOLDEN / "keras_2_21_functional_weights.h5")
    np.testing.assert_allclose(model.predict(x, verbose=0), y, rtol=0, atol=1e-5)


def small(units=3, extra=False):
    inputs = convcore.Input((6, 6, 2))
    x = layers.Conv2D(4, 3, name="conv")(inputs)
    x = layers.BatchNormalization(name="norm")(x)
    inner = convcore.Sequential(
        [convcore.Input((4, 4, 4)), layers.Conv2D(2, 1), layers.BatchNormalization()], name="inner"
    )
    x = layers.Flatten()(inner(x))
    if extra:
        x = layers.Dense(32, name="extra")(x)
    return convcore.Model(inputs, layers.Dense(units, name="head")(x))


@pytest.fixture
def written(tmp_path):
    """(model, its path as .h5)"""
    model = small()
    model.compile("adam", convcore.losses.MeanSquaredError())
    x = np.random.default_rng(0).normal(size=(4, 6, 6, 2)).astype("float32")
    model.fit(x, np.zeros((4, 3)), verbose=0)
    with pytest.warns(UserWarning, match="prefer a path that ends in .keras"):
        model.save(tmp_path / "model.h5")
    return model, tmp_path / "model.h5", x


def test_round_trip_with_the_optimizer(written):
    model, path, x = written
    again = convcore.models.load_model(path)
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
    ours, theirs = again.optimizer.variables, model.optimizer.variables
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_keras_reads_it_and_we_read_keras(written, tmp_path):
    from oracle import keras

    model, path, _ = written
    there = keras.models.load_model(path)
    for a, b in zip(there.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    there.save(tmp_path / "keras.h5")
    again = convcore.models.load_model(tmp_path / "keras.h5")
    for a, b in zip(again.weights, model.weights, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    assert int(there.optimizer.iterations) == 1


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(
    ("loss", "metrics"),
    [("mse", ["mae", "accuracy"]), (["mse", "huber"], [["mape"], ["mse"]]), ({"a": "kld"}, {"a": ["mae"]})],
)
def test_keras_reads_losses_and_metrics_by_name(loss, metrics, tmp_path):
    """Which it does not when it wrote them itself."""
    from oracle import keras

    inputs = convcore.Input((4,))
    heads = [layers.Dense(2, name=name)(inputs) for name in "ab"]
    outputs = heads if isinstance(loss, list) else {"a": heads[0]} if isinstance(loss, dict) else heads[0]
    model = convcore.Model(inputs, outputs)
    model.compile("adam", loss, metrics=metrics)
    y = np.ones((4, 2), "float32")
    y = [y, y] if isinstance(loss, list) else {"a": y} if isinstance(loss, dict) else y
    model.fit(np.ones((4, 4)), y, verbose=0)
    model.save(tmp_path / "m.h5")
    there = keras.models.load_model(tmp_path / "m.h5")
    again = convcore.models.load_model(tmp_path / "m.h5")
    expected = model.evaluate(np.ones((4, 4)), y, verbose=0)
    np.testing.assert_allclose(there.evaluate(np.ones((4, 4)), y, verbose=0), expected, rtol=1e-5, atol=1e-6)
    assert again.evaluate(np.ones((4, 4)), y, verbose=0) == expected
    assert again.metrics_names == model.metrics_names


def test_short_names_of_metrics_in_files_of_keras_are_written_out(tmp_path):
    from oracle import keras

    model = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(2)])
    loss = keras.losses.MeanSquaredError()  # Keras cannot read a loss that it wrote by name
    model.compile("sgd", loss, metrics=["mae", "accuracy"], weighted_metrics=["mape"])
    x, y = np.ones((4, 3), "float32"), np.ones((4, 2), "float32")
    model.fit(x, y, verbose=0)
    model.save(tmp_path / "keras.h5")
    theirs = keras.models.load_model(tmp_path / "keras.h5")
    ours = convcore.models.load_model(tmp_path / "keras.h5")
    expected = theirs.evaluate(x, y, verbose=0, return_dict=True)
    assert ours.evaluate(x, y, verbose=0, return_dict=True) == pytest.approx(expected, rel=1e-5)


def test_by_name_and_mismatches(written):
    model, path, _ = written
    other = small(units=5, extra=True)
    with pytest.raises(ModelFormatError, match=r"expected 5 layers with weights .* received 4"):
        other.load_weights(path)
    with pytest.raises(ModelFormatError, match=r"1 layer\(s\) could not be loaded.*head"):
        other.load_weights(path, by_name=True)
    with pytest.warns(UserWarning, match="head.*skipped"):
        other.load_weights(path, by_name=True, skip_mismatch=True)
    np.testing.assert_array_equal(other.get_layer("conv").kernel, model.get_layer("conv").kernel)
    with pytest.raises(ValueError, match="by_name=True"):
        model.save_weights(path.with_name("new.weights.h5"))
        model.load_weights(path.with_name("new.weights.h5"), by_name=True)


def test_every_layer_that_does_not_fit_is_listed(written):
    _, path, _ = written
    inputs = convcore.Input((6, 6, 2))
    x = layers.BatchNormalization()(layers.Conv2D(3, 3)(inputs))
    x = layers.Flatten()(layers.Conv2D(2, 1)(x))
    other = convcore.Model(inputs, layers.Dense(3)(x))
    with pytest.raises(ModelFormatError, match=r"3 layer\(s\).*'conv'.*'norm'.*'inner'"):
        other.load_weights(path)


def keras_1_file(path, ordering, backend):
    """A Sequential as Keras 1.2 wrote it; returns its kernel in today's order."""
    rng = np.random.default_rng(0)
    kernel, bias = rng.normal(size=(3, 3, 2, 4)).astype("float32"), rng.normal(size=4).astype("float32")
    dense = rng.normal(size=(64, 3)).astype("float32")
    conv = {
        "nb_filter": 4, "nb_row": 3, "nb_col": 3, "border_mode": "valid", "subsample": [1, 1], "bias": True,
        "dim_ordering": ordering, "init": "glorot_uniform", "activation": "relu", "W_regularizer": None,
        "b_regularizer": None, "W_constraint": None, "b_constraint": None, "activity_regularizer": None,
        "batch_input_shape": [None, 6, 6, 2] if ordering == "tf" else [None, 2, 6, 6],
        "input_dtype": "float32", "name": "c", "trainable": True,
    }  # fmt: skip
    head = {"output_dim": 3, "init": "uniform", "activation": "linear", "bias": True, "name": "d",
            "input_dim": 64, "trainable": True}  # fmt: skip
    config = [
        {"class_name": "Convolution2D", "config": conv},
        {"class_name": "Dropout", "config": {"p": 0.5, "name": "p", "trainable": True}},
        {"class_name": "Flatten", "config": {"name": "f", "trainable": True}},
        {"class_name": "Dense", "config": head},
    ]
    stored = kernel[::-1, ::-1] if backend == "theano" else kernel
    stored = stored.transpose(3, 2, 0, 1) if ordering == "th" else stored
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = b"1.2.2"
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": config}).encode()
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [b"c", b"p", b"f", b"d"]
        group.attrs["backend"], group.attrs["keras_version"] = backend.encode(), b"1.2.2"
        for name, arrays in {"c": [stored, bias], "p": [], "f": [], "d": [dense, np.zeros(3)]}.items():
            weights = group.create_group(name)
            weights.attrs["weight_names"] = np.array([f"{name}_{i}".encode() for i in range(len(arrays))])
            for i, array in enumerate(arrays):
                weights.create_dataset(f"{name}_{i}", data=array.astype("float32"))
    return kernel, bias


@pytest.mark.parametrize(
    ("ordering", "backend"), [("tf", "tensorflow"), ("th", "theano"), ("th", "tensorflow")]
)
def test_models_of_keras_1(tmp_path, ordering, backend):
    kernel, bias = keras_1_file(tmp_path / "old.h5", ordering, backend)
    model = convcore.models.load_model(tmp_path / "old.h5")
    first = model.layers[0]
    np.testing.assert_array_equal(first.kernel, kernel)
    np.testing.assert_array_equal(first.bias, bias)
    assert (first.filters, first.padding, model.layers[1].rate) == (4, "valid", 0.5)
    assert first.data_format == ("channels_last" if ordering == "tf" else "channels_first")
    assert model.output_shape == (None, 3)


def test_names_in_pieces(written, tmp_path):
    model, path, _ = written
    with h5py.File(path, "r+") as file:
        group = file["model_weights"]
        names = group.attrs["layer_names"]
        del group.attrs["layer_names"]
        group.attrs["layer_names0"], group.attrs["layer_names1"] = names[:3], names[3:]
    again = convcore.models.load_model(path)
    for a, b in zip(again.weights, model.weights, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_damaged_files_are_refused_or_read(written):
    _, path, _ = written
    data, rng = path.read_bytes(), np.random.default_rng(0)
    refused = 0
    for _ in range(60):
        damaged = bytearray(data)
        for at in rng.integers(0, len(data), 12):
            damaged[at] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged[: rng.integers(100, len(data))] if rng.random() < 0.3 else damaged)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                convcore.models.load_model(path)
            except ModelFormatError:
                refused += 1
    assert refused > 20


def test_check_lists_everything_at_once(tmp_path, capsys):
    from convcore.cli import main

    assert main(["check", str(GOLDEN / "keras_2_21_functional.h5")]) == 0
    assert "18 layers, 56 arrays" in capsys.readouterr().out
    config = json.loads(small().to_json())
    config["config"]["layers"][1]["class_name"] = "Attention2D"
    config["config"]["layers"][2]["class_name"] = "Swizzle"
    with h5py.File(tmp_path / "unknown.h5", "w") as file:
        file.attrs["keras_version"], file.attrs["model_config"] = "3.15.1", json.dumps(config)
        file.create_group("model_weights").attrs["layer_names"] = [b"a"]
    assert main(["check", str(tmp_path / "unknown.h5"), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["unknown"] == ["Attention2D", "Swizzle"]
    with pytest.raises(ModelFormatError, match="Attention2D, Swizzle"):
        convcore.models.load_model(tmp_path / "unknown.h5")
