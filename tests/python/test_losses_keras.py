"""Every loss beside Keras: values, each reduction with weights and masks, configurations, names."""

import convcore
import numpy as np
import pytest
from keras_on_numpy import ask
from loss_cases import CASES, SEQUENCES, STRINGS, WEIGHTS, meaning, reductions

KERAS = ask("loss_cases")
IDS = [f"{name}-{i}" for i, (name, _, _) in enumerate(CASES)]


@pytest.mark.parametrize(("case", "expected"), list(zip(CASES, KERAS["cases"], strict=True)), ids=IDS)
def test_values_weights_and_configurations(case, expected):
    name, arguments, (y_true, y_pred) = case
    values, serialized = expected
    cls = getattr(convcore.losses, name)
    loss = cls(**arguments, reduction=None, name="x")
    np.testing.assert_allclose(loss(y_true, y_pred), values, rtol=1e-6, atol=1e-6)
    ours = convcore.losses.serialize(loss)
    assert (ours["module"], ours["class_name"]) == (serialized["module"], serialized["class_name"])
    config = {key: ours["config"].get(key) for key in serialized["config"]}
    assert str(config) == str(serialized["config"])
    again = convcore.losses.deserialize(serialized)
    assert type(again) is cls and again.get_config().keys() == loss.get_config().keys()
    if values.ndim:
        weights = np.resize(WEIGHTS, len(values)).reshape(-1, *[1] * (values.ndim - 1))
        weights = np.broadcast_to(weights, values.shape)
        weighted = cls(**arguments, reduction="sum")(y_true, y_pred, weights)
        np.testing.assert_allclose(weighted, (values * weights).sum(), rtol=1e-6, atol=1e-6)


def test_reductions_with_weights_and_masks():
    for key, values in reductions(convcore.losses).items():
        for actual, expected in zip(values, KERAS["reductions"][key], strict=True):
            np.testing.assert_allclose(actual, expected, rtol=1e-6, atol=1e-6, err_msg=str(key))


def test_every_name_and_every_string_of_keras():
    assert {name for name in KERAS["names"] if not hasattr(convcore.losses, name)} == set()
    assert {string: meaning(convcore.losses, string) for string in STRINGS} == KERAS["strings"]


@pytest.mark.parametrize("name", ["Circle", "CTC"])
def test_losses_over_batches_in_training_steps(name):
    """The batch is unknown while the step is recorded; weights move along Keras's gradients."""
    from oracle import keras

    rng = np.random.default_rng(5)
    x = rng.normal(size=(7, 10, 4)).astype("float32")
    y = SEQUENCES[[0, 1, 2, 3, 4, 5, 1]] if name == "CTC" else np.array([0, 1, 0, 1, 2, 0, 1])
    start, found = None, []
    for library in (keras, convcore):
        layers = library.layers
        ends = [layers.Dense(5)] if name == "CTC" else [layers.Flatten(), layers.UnitNormalization()]
        model = library.Sequential([layers.Input((10, 4)), layers.Dense(5, "tanh"), *ends])
        start = start or model.get_weights()
        model.set_weights(start)
        loss = library.losses.CTC() if name == "CTC" else library.losses.Circle(gamma=4.0)
        model.compile(library.optimizers.SGD(0.1), loss)
        history = model.fit(x, y, batch_size=4, epochs=3, shuffle=False, verbose=0)
        found.append((history.history["loss"], model.get_weights()))
    for keras_value, value in zip(*found, strict=True):
        for a, b in zip(keras_value, value, strict=True):
            np.testing.assert_allclose(b, a, rtol=1e-5, atol=1e-5)
