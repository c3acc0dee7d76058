"""Gradients of the layers together: a few SGD steps of a mixed network beside Keras, penalties included."""

import convcore
import numpy as np
import pytest
from oracle import keras


def _network(library):
    layers = library.layers
    return library.Sequential(
        [
            library.Input((9, 8, 4)),
            layers.ZeroPadding2D(((1, 0), (0, 1))),
            layers.Conv2D(
                6, 3, padding="same", strides=2, kernel_regularizer="l2", activity_regularizer="l2"
            ),
            layers.BatchNormalization(momentum=0.9),
            layers.PReLU(shared_axes=[1, 2]),
            layers.Conv2D(8, (2, 3), groups=2, padding="same", dilation_rate=(2, 1), activation="gelu"),
            layers.AveragePooling2D(2, strides=1, padding="same"),
            layers.BatchNormalization(scale=False),
            layers.Activation("elu"),
            layers.MaxPooling2D((2, 1), padding="same"),
            layers.Permute((3, 1, 2)),
            layers.Reshape((8, -1)),
            layers.Conv1D(5, 3, padding="causal", bias_regularizer=library.regularizers.L1L2(0.01, 0.02)),
            layers.ActivityRegularization(l1=0.01),
            layers.LeakyReLU(),
            layers.Flatten(),
            layers.Dense(7, kernel_constraint="max_norm", activation="tanh"),
            layers.Dense(3, activation="softmax"),
        ]
    )


def test_steps_agree_with_keras():
    ours, theirs = _network(convcore), _network(keras)
    draws = np.random.default_rng(3)
    weights = [
        np.abs(w) if "variance" in v.name else w
        for v in theirs.weights
        for w in [(draws.standard_normal(v.shape) * 0.3).astype("float32")]
    ]
    for model, library in ((ours, convcore), (theirs, keras)):
        model.set_weights(weights)
        model.compile(library.optimizers.SGD(0.05), loss="sparse_categorical_crossentropy")
    for step in range(4):
        x = draws.standard_normal((6, 9, 8, 4)).astype("float32")
        y = draws.integers(0, 3, 6)
        losses = [float(np.ravel(model.train_on_batch(x, y))[0]) for model in (ours, theirs)]
        assert losses[0] == pytest.approx(losses[1], rel=1e-5), f"step {step}"
    for variable, a, b in zip(theirs.weights, ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=2e-5 * max(1.0, np.abs(b).max()), rtol=0, err_msg=variable.path)
    np.testing.assert_allclose(ours.predict(x, verbose=0), theirs.predict(x, verbose=0), atol=1e-5)
