"""The same seed gives the same bits: on a second run, for any number of threads, for any batch size of
predict.
"""

import convcore
import numpy as np
import pytest
from convcore import _core, layers

RNG = np.random.default_rng(4)
X = RNG.random((150, 12, 12, 1)).astype("float32")
Y = RNG.integers(0, 10, 150)


def network():
    return convcore.Sequential(
        [
            layers.Input((12, 12, 1)),
            layers.Conv2D(8, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(2),
            layers.Conv2D(12, 3, padding="same", activation="relu"),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )


def trained(threads, epochs=2):
    """The weights, the optimizer's state and the history after training with this many threads."""
    before = _core.num_threads()
    _core.set_num_threads(threads)
    try:
        convcore.utils.set_random_seed(13)
        model = network()
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        history = model.fit(X, Y, batch_size=32, epochs=epochs, verbose=0, validation_split=0.2).history
        state = [variable.numpy() for variable in model.optimizer.variables]
        return model.get_weights() + state, history
    finally:
        _core.set_num_threads(before)


@pytest.fixture(scope="module")
def reference():
    return trained(1)


@pytest.mark.parametrize("threads", [1, 2, 3, 5, 8])
def test_training_is_bitwise_the_same(reference, threads):
    weights, history = trained(threads)
    for expected, actual in zip(reference[0], weights, strict=True):
        np.testing.assert_array_equal(actual, expected)
    assert history == reference[1]


def test_other_seeds_differ(reference):
    convcore.utils.set_random_seed(14)
    assert np.abs(network().get_weights()[0] - reference[0][0]).max() > 0


@pytest.mark.parametrize("batch_size", [1, 7, 32, 150])
def test_predict_is_bitwise_the_same_for_any_batch_size(batch_size):
    convcore.utils.set_random_seed(13)
    model = network()
    np.testing.assert_array_equal(model.predict(X, batch_size=batch_size), model.predict(X, batch_size=64))
