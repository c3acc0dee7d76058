"""Functions of ops that are composed of others, beside Keras: values, dtypes, and inside recorded steps."""

import convcore
import numpy as np
import pytest
from convcore import layers, ops
from convcore.testing import check_gradients
from keras_on_numpy import ask
from ops_long_tail_cases import CASES as LONG_CASES
from ops_tail_cases import CASES, CUBE, X, Y

KERAS = ask("ops_tail_cases")
LONG = ask("ops_long_tail_cases")


@pytest.mark.parametrize("name", CASES)
def test_values(name):
    value, expected = np.asarray(CASES[name](ops)), KERAS[name]
    assert value.shape == expected.shape
    assert value.dtype == expected.dtype
    np.testing.assert_allclose(value, expected, rtol=2e-6, atol=1e-6)


@pytest.mark.parametrize("name", LONG_CASES)
def test_values_of_the_long_tail(name):
    value, expected = np.asarray(LONG_CASES[name](ops)), LONG[name]
    assert value.shape == expected.shape
    # counts and positions are int32 here, and nothing float64, as on Keras's other backends
    assert value.dtype == expected.dtype or value.dtype.kind == expected.dtype.kind in "if"
    np.testing.assert_allclose(value, expected, rtol=3e-6, atol=2e-6)


PLACES = np.array([[2, 0, 1, 1]] * 3)
FUNCTIONS = {
    "cumsum": lambda x: ops.cumsum(x, 1),
    "cumprod": lambda x: ops.cumprod(x, 1),
    "logsumexp": lambda x: ops.logsumexp(x, 1),
    "roll": lambda x: ops.roll(x, 1, 1) * x,
    "take_along_axis": lambda x: ops.take_along_axis(x, PLACES, 1) * x,
    "tril": lambda x: ops.tril(x) * x,
    "logaddexp": lambda x: ops.logaddexp(x, 2.0 * x * x),
    "arctan2": lambda x: ops.arctan2(x, 5.0 - 2.0 * x),
    "arcsin": lambda x: ops.arcsin(x * 0.1),
    "erfinv": lambda x: ops.erfinv(x * 0.1),
    "sort": lambda x: ops.sort(x, 1) * x,
    "einsum": lambda x: ops.einsum("bi,bj->bij", x, x * x),
    "median": lambda x: ops.median(x, 1),
    "scatter_update_mul": lambda x: (
        ops.scatter_update(x, np.array([[0, 1], [0, 1], [1, 0]]), x[0, :3], "mul") * x
    ),
    "scatter_update": lambda x: ops.scatter_update(x, np.array([[0, 1], [0, 1]]), x[0, :2]) * x,
    "fold": lambda x: ops.fold(ops.unfold(x[None, None] * x, 2), (3, 4), 2),
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


def test_equal_elements_keep_their_order():
    x = np.array([[2, 1, 2, 1, 1]], "int32")
    np.testing.assert_array_equal(ops.argsort(x), [[1, 3, 4, 0, 2]])
    np.testing.assert_array_equal(ops.top_k(x, 3)[1], [[0, 2, 1]])
    np.testing.assert_array_equal(ops.sort(np.float32([np.nan, 1, -np.inf])), [-np.inf, 1, np.nan])


def test_recorded_operations_of_the_long_tail_save_and_load():
    x, y = convcore.Input((3, 4)), convcore.Input((3, 4))
    outputs = [ops.einsum("bij,bkj->bik", x, y), ops.top_k(x, 2)[0], ops.median(x, 2), ops.arctan2(x, y)]
    model = convcore.Model([x, y], outputs)
    copied = convcore.models.model_from_json(model.to_json())
    given = [CUBE, CUBE[::-1].copy()]
    expected = [
        np.einsum("bij,bkj->bik", *given),
        np.sort(CUBE, 2)[..., :1:-1],
        np.median(CUBE, 2),
        np.arctan2(*given),
    ]
    for one in (model, copied):
        for value, wanted in zip(one.predict(given, verbose=0), expected, strict=True):
            np.testing.assert_allclose(value, wanted, rtol=1e-5, atol=1e-6)


def test_loops_and_choices_inside_recordings():
    class Choosing(layers.Layer):
        def call(self, inputs):
            total = ops.fori_loop(0, 3, lambda i, x: x + i, inputs)
            chosen = ops.cond(ops.sum(inputs) > 0.0, lambda: total, lambda: -total)
            return ops.switch(ops.cast(inputs[0, 0] > 9.0, "int32"), [lambda: chosen, lambda: chosen * 0.0])

    np.testing.assert_allclose(Choosing()(np.abs(X)), np.abs(X) + 3, rtol=1e-6)
    np.testing.assert_allclose(Choosing()(-np.abs(X)), np.abs(X) - 3, rtol=1e-6)
    with pytest.raises(ValueError, match="cannot be recorded"):
        ops.unique(convcore.Input((2,)))


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
