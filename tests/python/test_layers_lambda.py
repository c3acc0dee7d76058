"""Lambda: functions as layers, their arguments, shapes, gradients and files."""

import json

import numpy as np
import pytest
from convcore import KerasTensor, Sequential, layers, ops, saving
from oracle import keras
from run_layer_test import assert_close, random_input, run_layer_test


@saving.register_keras_serializable("lambda_test")
def scaled(x, factor=2.0):
    return ops.tanh(x) * factor


@saving.register_keras_serializable("lambda_test")
def widened(shape):
    return (*shape[:-1], 2 * shape[-1])


@saving.register_keras_serializable("lambda_test")
def doubled(x):
    return ops.concatenate([x, x], axis=-1)


def test_contract():
    run_layer_test(
        layers.Lambda,
        {"function": scaled, "arguments": {"factor": 3.0}},
        (2, 4),
        (2, 4),
        reference=lambda x: np.tanh(x) * 3.0,
    )
    for shape in ((8,), widened):
        run_layer_test(
            layers.Lambda,
            {"function": doubled, "output_shape": shape},
            (2, 4),
            (2, 8),
            reference=lambda x: np.concatenate([x, x], axis=-1),
        )


def test_training_and_mask_are_passed_on_request():
    layer = layers.Lambda(
        lambda x, training, mask: x * (2.0 if training else 1.0) + (mask is None), mask=lambda x, m: m
    )
    assert layer(np.zeros(2, "float32")).tolist() == [1, 1]
    assert layer(np.ones(2, "float32"), training=True).tolist() == [3, 3]
    assert layer(np.ones((1, 2), "float32"), mask=np.array([True])).tolist() == [[1, 1]]


def test_it_trains():
    model = Sequential([layers.Input((4,)), layers.Dense(3), layers.Lambda(scaled), layers.Dense(1)])
    model.compile("adam", "mse")
    x = random_input((16, 4))
    losses = [model.train_on_batch(x, x[:, :1]) for _ in range(20)]
    assert losses[-1] < losses[0]


def test_files(tmp_path):
    model = Sequential([layers.Input((4,)), layers.Lambda(scaled, arguments={"factor": 0.5})])
    model.save(tmp_path / "m.keras")
    x = random_input((2, 4))
    np.testing.assert_array_equal(saving.load_model(tmp_path / "m.keras")(x), model(x))


def test_configs_are_those_of_keras():
    """Only the registered name of a function is told differently: Keras writes "function" there."""
    for arguments in ({"arguments": {"factor": 3.0}}, {"output_shape": (4,)}, {"mask": doubled}):
        ours = layers.Lambda(scaled, name="one", **arguments).get_config()
        theirs = keras.layers.Lambda(scaled, name="one", **arguments).get_config()
        assert set(ours) == set(theirs)
        for key in set(theirs) - {"function", "mask", "dtype"}:
            assert ours[key] == theirs[key]
        assert ours["function"]["class_name"] == "function"
        again = layers.Lambda.from_config(json.loads(json.dumps(ours)))
        assert again.function is scaled and again.get_config() == ours


def test_errors():
    with pytest.raises(ValueError, match="Lambda.*callable.*3"):
        layers.Lambda(3)
    with pytest.raises(ValueError, match="Python lambda.*register_keras_serializable"):
        saving.serialize_keras_object(layers.Lambda(lambda x: x))
    with pytest.raises(ValueError, match=r"Lambda 'five'.*\(None, 5\).*\(None, 8\).*doubled"):
        layers.Lambda(doubled, output_shape=(5,), name="five")(KerasTensor((None, 4)))
    with pytest.raises(saving.ModelFormatError, match="Python lambda"):
        stored = {"class_name": "__lambda__", "config": {"code": "", "defaults": None, "closure": None}}
        layers.Lambda.from_config({"function": stored})


def test_it_is_the_same_computation_as_in_keras():
    x = random_input((3, 4))
    theirs = keras.layers.Lambda(lambda x: keras.ops.tanh(x) * 2.0)(x)
    assert_close(layers.Lambda(scaled)(x), np.asarray(theirs))
