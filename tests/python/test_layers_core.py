"""Dense, Input, Identity and the activation layers."""

import convcore
import numpy as np
import pytest
from convcore import KerasTensor, layers
from convcore.testing import reference
from run_layer_test import random_input, run_layer_test


@pytest.mark.parametrize("shape", [(2, 5), (2, 3, 5), (2, 3, 4, 5)])
@pytest.mark.parametrize("activation, use_bias", [(None, True), ("relu", True), ("softmax", False)])
def test_dense(shape, activation, use_bias):
    run_layer_test(
        layers.Dense,
        {"units": 7, "activation": activation, "use_bias": use_bias, "bias_initializer": "random_normal"},
        shape,
        (*shape[:-1], 7),
        {"kernel": (5, 7), "bias": (7,)} if use_bias else {"kernel": (5, 7)},
        reference=lambda x, *w: reference.ACTIVATIONS[activation or "linear"](reference.dense(x, *w)),
    )


def test_identity():
    run_layer_test(layers.Identity, {}, (2, 3, 4), (2, 3, 4), reference=lambda x: x)


@pytest.mark.parametrize("name", sorted(set(reference.ACTIVATIONS) - {"glu"}))
def test_activation(name):
    run_layer_test(
        layers.Activation, {"activation": name}, (3, 4, 6), (3, 4, 6), reference=reference.ACTIVATIONS[name]
    )


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"max_value": 0.5},
        {"negative_slope": 0.2},
        {"threshold": 0.3},
        {"max_value": 1, "negative_slope": 0.1, "threshold": 0.2},
    ],
)
def test_relu(arguments):
    run_layer_test(
        layers.ReLU, arguments, (3, 4, 5), (3, 4, 5), reference=lambda x: reference.relu(x, **arguments)
    )


def test_leaky_relu():
    run_layer_test(layers.LeakyReLU, {}, (3, 4), (3, 4), reference=lambda x: np.where(x > 0, x, 0.3 * x))
    with pytest.warns(UserWarning, match="alpha"):
        assert layers.LeakyReLU(alpha=0.1).negative_slope == 0.1


def test_elu():
    run_layer_test(
        layers.ELU, {"alpha": 0.7}, (3, 4), (3, 4), reference=lambda x: np.where(x > 0, x, 0.7 * np.expm1(x))
    )


@pytest.mark.parametrize("shared_axes, shape", [(None, (4, 5, 3)), ([1, 2], (1, 1, 3)), (1, (1, 5, 3))])
def test_prelu(shared_axes, shape):
    run_layer_test(
        layers.PReLU,
        {"alpha_initializer": "random_normal", "shared_axes": shared_axes},
        (2, 4, 5, 3),
        (2, 4, 5, 3),
        {"alpha": shape},
        reference=lambda x, alpha: np.maximum(0, x) - alpha * np.maximum(0, -x),
    )


@pytest.mark.parametrize("axis", [-1, 1, (1, 2)])
def test_softmax(axis):
    run_layer_test(
        layers.Softmax, {"axis": axis}, (2, 4, 5), (2, 4, 5), reference=lambda x: reference.softmax(x, axis)
    )


def test_softmax_with_a_mask():
    x = random_input((2, 4))
    mask = np.array([[1, 0, 1, 1], [0, 0, 0, 0]], bool)
    y = layers.Softmax()(x, mask=mask)
    np.testing.assert_allclose(y[0, mask[0]], reference.softmax(x[0, mask[0]]), rtol=1e-5)
    np.testing.assert_array_equal(y[~mask], 0)


def test_input():
    x = layers.Input((8, 8, 3), batch_size=4, name="img")
    assert isinstance(x, KerasTensor) and x.shape == (4, 8, 8, 3) and x.dtype == "float32" and x.name == "img"
    assert convcore.Input is layers.Input
    assert layers.Input(batch_shape=(2, 3), dtype="int32").dtype == "int32"
    assert layers.Input((3,)).shape == (None, 3)
    operation = x.keras_history[0]
    assert isinstance(operation, layers.InputLayer) and operation.name == "img"
    config = operation.get_config()
    assert config == {
        "batch_shape": (4, 8, 8, 3),
        "dtype": "float32",
        "sparse": False,
        "ragged": False,
        "name": "img",
        "optional": False,
    }
    assert layers.InputLayer.from_config(config).get_config() == config
    assert layers.InputLayer(shape=(3,)).name.startswith("input_layer")


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: layers.Input(), ["shape"]),
        (lambda: layers.Input(shape=(3,), batch_shape=(None, 3)), ["shape", "batch_shape"]),
        (lambda: layers.Input(shape=(-3,)), ["shape", "-3"]),
        (lambda: layers.Input(shape=(3,), sparse=True), ["sparse"]),
        (lambda: layers.Dense(0), ["units", "positive", "0"]),
        (lambda: layers.Dense(2.5), ["units", "positive", "2.5"]),
        (lambda: layers.Dense(3, lora_rank=2.5), ["lora_rank", "2.5"]),
        (lambda: layers.Dense(3)(random_input((4,))), ["min_ndim", "2", "(4,)"]),
        (lambda: layers.Dense(3)(KerasTensor((None, None))), ["last axis", "(None, None)"]),
        (lambda: layers.Activation("nope"), ["activation", "nope"]),
        (lambda: layers.ReLU(max_value=-1), ["max_value", "-1"]),
        (lambda: layers.ReLU(negative_slope=None), ["negative_slope", "None"]),
        (lambda: layers.ReLU(threshold=-0.5), ["threshold", "-0.5"]),
        (lambda: layers.LeakyReLU(-1), ["negative_slope", "-1"]),
        (lambda: layers.LeakyReLU(None), ["negative_slope", "None"]),
    ],
)
def test_errors(make, words):
    with pytest.raises(ValueError) as caught:
        make()
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_another_last_axis_is_refused():
    layer = layers.Dense(3)
    layer(random_input((2, 5)))
    with pytest.raises(ValueError, match=r"axis -1.*5.*\(2, 6\)"):
        layer(random_input((2, 6)))


def test_a_list_is_refused():
    with pytest.raises(ValueError):
        layers.Dense(3)([[1.0, 2.0], [3.0, 4.0]])


def test_old_import_path():
    from convcore.layers.core import Activation, Dense, Dropout, Flatten

    assert (Activation, Dense, Dropout, Flatten) == (
        layers.Activation,
        layers.Dense,
        layers.Dropout,
        layers.Flatten,
    )
