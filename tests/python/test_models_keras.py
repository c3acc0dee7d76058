"""Whole functional models beside Keras: random graphs, and one that has everything trained step for step."""

import convcore
import keras_on_numpy
import numpy as np
import pytest
import random_models
from convcore.core import tree


@pytest.fixture(scope="module")
def answers():
    return keras_on_numpy.ask("random_models")


@pytest.mark.parametrize("i", random_models.SAMPLE)
def test_random_models(i, answers):
    """Layers, weights and their order, configuration, structure and values of the outputs."""
    described, expected = answers[i]
    ours, received = random_models.answer(convcore, i)
    for key, value in described.items():
        assert ours[key] == value, key
    assert tree.same_structure(received, expected)
    for a, b in zip(tree.flatten(received), tree.flatten(expected), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-5 * max(1, np.abs(b).max()))


def siamese(library):
    """Two images through one tower, a submodel of two outputs, two heads."""
    layers, size = library.layers, (12, 12, 3)
    left, right = library.Input(size, name="left"), library.Input(size, name="right")
    inside = library.Input(size)
    x = layers.Conv2D(6, 3, padding="same", use_bias=False)(inside)
    x = layers.Activation("relu")(layers.BatchNormalization()(x))
    x = layers.Add()([x, layers.Conv2D(6, 3, padding="same")(x)])
    tower = library.Model(inside, layers.AveragePooling2D(2)(x), name="tower")
    first, second = tower(left), tower(right)
    inside = library.Input((6, 6, 6))
    h = layers.GlobalAveragePooling2D()(layers.Conv2D(8, 3, strides=2, activation="tanh")(inside))
    submodel = library.Model(inside, [h, layers.Dense(4, activation="relu")(h)], name="submodel")
    difference = first - second
    joined = layers.Concatenate()([*submodel(difference * difference), layers.GlobalMaxPooling2D()(first)])
    same = layers.Dense(1, activation="sigmoid", name="same")(joined)
    kind = layers.Dense(3, activation="softmax", name="kind")(joined)
    return library.Model([left, right], {"same": same, "kind": kind})


def test_twenty_steps_of_a_model_with_a_shared_tower():
    from oracle import keras

    pytest.importorskip("jax").config.update("jax_disable_most_optimizations", True)
    for library in (keras, convcore):
        library.utils.clear_session()  # automatic names count from the start in both
        library.utils.set_random_seed(1)
    theirs, ours = siamese(keras), siamese(convcore)
    assert [w.path for w in ours.weights] == [w.path for w in theirs.weights]
    ours.set_weights(theirs.get_weights())
    rng = np.random.default_rng(0)
    x = [rng.normal(size=(80, 12, 12, 3)).astype("float32") for _ in range(2)]
    y = {"same": rng.integers(0, 2, (80, 1)).astype("float32"), "kind": rng.integers(0, 3, 80)}
    histories = []
    for library, model in ((keras, theirs), (convcore, ours)):
        model.compile(
            library.optimizers.Adam(0.01),
            loss={"same": "binary_crossentropy", "kind": "sparse_categorical_crossentropy"},
            loss_weights={"same": 0.3, "kind": 1.7},
            metrics={"kind": ["accuracy"]},
        )
        histories.append(model.fit(x, y, batch_size=4, shuffle=False, verbose=0).history)
    assert list(histories[1]) == list(histories[0])
    for key, values in histories[0].items():
        np.testing.assert_allclose(histories[1][key], values, rtol=1e-4, err_msg=key)
    for variable, expected in zip(ours.weights, theirs.get_weights(), strict=True):
        tolerance = 1e-4 * np.abs(expected).max()
        np.testing.assert_allclose(variable.numpy(), expected, rtol=0, atol=tolerance, err_msg=variable.path)
