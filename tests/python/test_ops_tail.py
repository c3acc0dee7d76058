"""Functions of ops that are composed of others, beside Keras: values, dtypes, and inside recorded steps."""

import convcore
import numpy as np
import pytest
from convcore import layers, ops
from convcore.testing import check_gradients
from keras_on_numpy import ask
from ops_tail_cases import CASES, CUBE, X, Y

KERAS = ask("ops_tail_cases")


@pytest.mark.parametrize("name", CASES)
def test_values(name):
    value, expected = np.asarray(CASES[name](ops)), KERAS[name]
    assert value.shape == expected.shape
    assert value.dtype == expected.dtype
    np.testing.assert_allclose(value, expected, rtol=2e-6, atol=1e-6)


PLACES = np.array([[2, 0, 1, 1]] * 3)
FUNCTIONS = {
    "cumsum": lambda x: ops.cumsum(x, 1),
    "cumprod": lambda x: ops.cumprod(x, 1),
    "logsumexp": lambda x: ops.logsumexp(x, 1),
    "roll": lambda x: ops.roll(x, 1, 1) * x,
    "take_along_axis": lambda x: ops.take_along_axis(x, PLACES, 1) * x,
    "tril": lambda x: ops.tril(x) * x,
    "logaddexp": lambda x: ops.logaddexp(x, 2.0 * x * x),
}


class Applied(layers.Layer):
    """A layer of one function."""

    def __init__(self, key, **kwargs):
        super().__init__(**kwargs)
        self.key = key

    def call(self, inputs):
        return FUNCTIONS[self.key](inputs)

    def get_config(self):
        return {**super().get_config(), "key": self.key}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients(name):
    check_gradients(Applied(name), X + 2.0)


def test_functions_in_a_model_of_unknown_batch():
    x = convcore.Input((3, 4))
    y = ops.roll(ops.cumsum(x, axis=2), 1, axis=1)
    model = convcore.Model(x, ops.concatenate([y, ops.flip(ops.tril(x), 1)], axis=1))
    expected = np.concatenate([np.roll(np.cumsum(CUBE, 2), 1, 1), np.tril(CUBE)[:, ::-1]], axis=1)
    np.testing.assert_allclose(model.predict(CUBE, verbose=0), expected, rtol=1e-6, atol=1e-6)


def test_allclose_and_sizes():
    assert bool(ops.allclose(X, X + 1e-9)) and not bool(ops.allclose(X, Y))
    assert (ops.ndim(CUBE), ops.size(CUBE)) == (3, 24)
    assert ops.array([1.0, 2.0], "float32").dtype == np.float32
    assert ops.empty((2, 3)).shape == (2, 3)
