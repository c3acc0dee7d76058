"""Every loss beside Keras: values, each reduction with weights and masks, configurations, names."""

import convcore
import numpy as np
import pytest
from keras_on_numpy import ask
from loss_cases import CASES, STRINGS, WEIGHTS, meaning, reductions

KERAS = ask("loss_cases")
IDS = [f"{name}-{i}" for i, (name, _, _) in enumerate(CASES)]


@pytest.mark.parametrize(("case", "expected"), list(zip(CASES, KERAS["cases"], strict=True)), ids=IDS)
def test_values_weights_and_configurations(case, expected):
    name, arguments, (y_true, y_pred) = case
    values, serialized = expected
    cls = getattr(convcore.losses, name)
    loss = cls(**arguments, reduction=None, name="x")
    np.testing.assert_allclose(loss(y_true, y_pred), values, rtol=2e-6, atol=1e-6)
    ours = convcore.losses.serialize(loss)
    assert (ours["module"], ours["class_name"]) == (serialized["module"], serialized["class_name"])
    config = {key: ours["config"].get(key) for key in serialized["config"]}
    assert str(config) == str(serialized["config"]).replace("(1,)", "[1]")
    again = convcore.losses.deserialize(serialized)
    assert type(again) is cls and again.get_config().keys() == loss.get_config().keys()
    if values.ndim:
        weights = np.resize(WEIGHTS, len(values)).reshape(-1, *[1] * (values.ndim - 1))
        weights = np.broadcast_to(weights, values.shape)
        weighted = cls(**arguments, reduction="sum")(y_true, y_pred, weights)
        np.testing.assert_allclose(weighted, (values * weights).sum(), rtol=2e-6, atol=1e-6)


def test_reductions_with_weights_and_masks():
    for key, values in reductions(convcore.losses).items():
        for actual, expected in zip(values, KERAS["reductions"][key], strict=True):
            np.testing.assert_allclose(actual, expected, rtol=2e-6, atol=1e-6, err_msg=str(key))


# Keras's classes and functions that convcore does not have: later releases (docs/roadmap.md)
LATER = {"CTC", "Circle", "ctc", "circle"}


def test_every_name_and_every_string_of_keras():
    assert {name for name in KERAS["names"] if not hasattr(convcore.losses, name)} == LATER
    assert {string: meaning(convcore.losses, string) for string in STRINGS} == KERAS["strings"]
