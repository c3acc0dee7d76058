"""TimeDistributed and EinsumDense beside Keras: shapes, weights, values, configs."""

import re

import convcore
import numpy as np
import pytest
from convcore import layers, saving
from convcore.testing import check_gradients
from oracle import keras

X = np.random.default_rng(0).normal(size=(2, 3, 6, 6, 4)).astype("float32")
INNER = {
    "conv": lambda L: L.Conv2D(5, 3, activation="relu"),
    "norm": lambda L: L.BatchNormalization(),
    "flatten": lambda L: L.Flatten(),
}


@pytest.mark.parametrize("name", INNER)
def test_time_distributed(name):
    theirs = keras.layers.TimeDistributed(INNER[name](keras.layers))
    ours = layers.TimeDistributed(INNER[name](layers))
    theirs.build(X.shape)
    ours.build(X.shape)
    ours.set_weights(theirs.get_weights())
    for _ in range(2):
        np.testing.assert_allclose(ours(X, training=True), theirs(X, training=True), rtol=1e-4, atol=1e-5)
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(ours(X), theirs(X), rtol=1e-4, atol=1e-5)
    counter = re.compile(r"_\d+(?=/)")  # of the layers made before
    assert [counter.sub("", w.path) for w in ours.weights] == [
        counter.sub("", w.path) for w in theirs.weights
    ]
    shape = (None, *X.shape[1:])
    assert ours.compute_output_shape(shape) == theirs.compute_output_shape(shape)
    assert layers.TimeDistributed.from_config(ours.get_config()).layer.get_config() == ours.layer.get_config()


def test_time_distributed_hands_on_masks_and_trains():
    model = convcore.Sequential(
        [
            convcore.Input((3, 4)),
            layers.Masking(),
            layers.TimeDistributed(layers.Dense(2)),
            layers.GlobalAveragePooling1D(),
        ]
    )
    x = np.ones((2, 3, 4), "float32")
    x[0, 1:] = 0
    dense = model.layers[1].layer
    np.testing.assert_allclose(model(x)[0], dense(x[0, :1])[0], rtol=1e-6)
    model.compile("sgd", "mse")
    before = dense.get_weights()[0]
    model.fit(x, np.zeros((2, 2)), verbose=0)
    assert (before != dense.get_weights()[0]).any()
    with pytest.raises(ValueError, match="at least 3 dimensions"):
        layers.TimeDistributed(layers.Dense(2))(x[0])
    with pytest.raises(ValueError, match="incompatible"):
        layers.TimeDistributed(layers.Dense(2))(x, mask=np.ones((2, 2), bool))
    with pytest.raises(ValueError, match="Please initialize"):
        layers.TimeDistributed(3)


EINSUM = [
    ("abc,cd->abd", (None, 7), "d", (2, 3, 4)),
    ("...x,xy->...y", 6, "y", (2, 5, 4)),
    ("ab...,bc->ac...", (6,), "c", (2, 4, 3, 5)),
    ("abc,cde->abde", (None, 2, 3), "de", (2, 5, 4)),
    ("abc,cd->abd", (3, 7), "bd", (2, 3, 4)),
    ("ab,bc->ac", 5, None, (2, 4)),
]


@pytest.mark.parametrize("equation, output_shape, bias_axes, shape", EINSUM)
def test_einsum_dense(equation, output_shape, bias_axes, shape):
    settings = {"bias_axes": bias_axes, "activation": "tanh"}
    theirs = keras.layers.EinsumDense(equation, output_shape, **settings)
    ours = layers.EinsumDense(equation, output_shape, **settings)
    random = np.random.default_rng(1)
    theirs.build(shape)
    ours.build(shape)
    assert [w.shape for w in ours.weights] == [tuple(w.shape) for w in theirs.weights]
    ours.set_weights([random.normal(size=w.shape) for w in ours.weights])
    theirs.set_weights(ours.get_weights())
    x = random.normal(size=shape).astype("float32")
    np.testing.assert_allclose(ours(x), theirs(x), rtol=1e-4, atol=1e-5)
    shown = (None, *shape[1:])
    # what Keras leaves open beside the batch is known here
    computed = ours.compute_output_shape(shown)
    assert computed == (None, *ours(x).shape[1:])
    told = theirs.compute_output_shape(shown)
    assert all(b in (a, None) for a, b in zip(computed, told, strict=True))
    assert ours(convcore.Input(shape[1:])).shape == (None, *ours(x).shape[1:])
    check_gradients(ours, x)
    config = saving.serialize_keras_object(ours)["config"]
    assert set(config) == set(keras.saving.serialize_keras_object(theirs)["config"])
    assert layers.EinsumDense.from_config(ours.get_config()).get_config() == ours.get_config()


@pytest.mark.parametrize(
    "equation, output_shape, bias_axes, words",
    [
        ("abc", 3, None, "Invalid einsum equation"),
        ("abc,cd->abd", (4, 3), None, "shared dimension 'b'"),
        ("abc,cd->abe", (3, 3), None, "no corresponding dim"),
        ("abc,cde->abd", (3, 3), None, "did not have a match"),
        ("abc,cd->abd", (3, 3), "z", "Bias dimension 'z'"),
    ],
)
def test_einsum_dense_errors(equation, output_shape, bias_axes, words):
    with pytest.raises(ValueError, match=words):
        layers.EinsumDense(equation, output_shape, bias_axes=bias_axes).build((None, 3, 4))
