"""Every optimizer beside Keras: 20 steps of a small convolutional network from equal weights and batches,
with each of the options that all optimizers share; then the state, variable by variable.
"""

import re

import convcore
import numpy as np
import pytest
from keras_on_numpy import ask
from optimizer_cases import START, X, Y, cases, configuration, maker, network, signature

KERAS = ask("optimizer_cases")


@pytest.mark.parametrize(("name", "option"), cases())
def test_twenty_steps(name, option):
    expected, expected_state = KERAS["steps"][name, option]
    model = network(convcore)
    model.set_weights(START)
    model.compile(maker(name, option)(convcore.optimizers), "sparse_categorical_crossentropy")
    for x, y in zip(X, Y, strict=True):
        model.train_on_batch(x, y)
    for actual, value in zip(model.get_weights(), expected, strict=True):
        np.testing.assert_allclose(actual, value, rtol=0, atol=1e-5)
    state = model.optimizer.variables
    assert [numberless(v.path) for v in state] == [numberless(path) for path, _ in expected_state]
    for variable, (name, value) in zip(state, expected_state, strict=True):
        scale = max(1.0, float(np.abs(value).max()))
        np.testing.assert_allclose(variable.numpy(), value, rtol=0, atol=1e-5 * scale, err_msg=name)


def numberless(path):
    """Without the numbers that automatic names get."""
    return re.sub(r"_\d+(/|$)", r"\1", path)


@pytest.mark.parametrize("case", KERAS["configs"], ids="-".join)
def test_configurations(case):
    expected, serialized = KERAS["configs"][case]
    optimizer = maker(*case)(convcore.optimizers)
    actual = configuration(optimizer)
    assert actual == expected and list(actual)[:11] == list(expected)[:11]
    assert configuration(convcore.optimizers.deserialize(serialized)) == actual
    ours = convcore.optimizers.serialize(optimizer)
    assert (ours["module"], ours["class_name"]) == (serialized["module"], serialized["class_name"])


def test_every_name_and_argument_of_keras():
    for name in set(KERAS["names"]) - {"legacy"}:
        assert hasattr(convcore.optimizers, name), name
    for name, arguments in KERAS["signatures"].items():
        assert signature(getattr(convcore.optimizers, name)) == arguments, name
