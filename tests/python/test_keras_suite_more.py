"""More of what running Keras's own tests has found: operations, configs, files, helpers; values by hand."""

import contextlib
import io

import convcore as cc
import numpy as np
import pytest
from convcore import KerasTensor, layers, ops, tree, utils


class Scaled(cc.Operation):
    def __init__(self, factor, power=1.0, name=None):
        super().__init__(name)
        self.factor, self.power = factor, power

    def call(self, x):
        return x * self.factor, x**self.power


class Nameless(cc.Operation):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor


class Variadic(cc.Operation):
    def __init__(self, *factors, name=None):
        super().__init__(name)


def test_configs_of_operations_that_users_write():
    assert Scaled(2, name="a").get_config() == {"name": "a", "factor": 2, "power": 1.0}
    assert Nameless(3).get_config() == {"factor": 3}
    assert Nameless.from_config({"factor": 3}).factor == 3
    with pytest.raises(NotImplementedError, match=r"`factor`.*override get_config"):
        Scaled(object()).get_config()
    with pytest.raises(NotImplementedError, match=r"\*args"):
        Variadic(1, 2).get_config()

    class Told(Scaled):
        def get_config(self):
            return {**super().get_config(), "factor": 5}

    assert Told(object(), name="b").get_config() == {"name": "b", "factor": 5}


def test_several_outputs_of_an_operation_are_a_list():
    operation = Scaled(2)
    outputs = operation(KerasTensor((2, 3)))
    assert isinstance(outputs, tuple) and operation.output == list(outputs)


@pytest.mark.parametrize("cls, config", [(layers.Dense, {"units": 0}), (Scaled, {"other": 1})])
def test_a_config_that_the_constructor_refuses_is_a_type_error(cls, config):
    with pytest.raises(TypeError, match=f"{cls.__name__}: from_config.*{next(iter(config))}"):
        cls.from_config(config)


@pytest.mark.parametrize(
    "a, b, words",
    [
        ((1, 2), [1, 2], "expected a tuple of 2 parts; received a list of 2"),
        ([1], 2, "expected a list of 1 parts; received 2"),
        ({"a": 1}, {"b": 1}, r"expected a dict with the keys \['a'\]"),
    ],
)
def test_structures_that_differ_are_described(a, b, words):
    with pytest.raises(ValueError, match=words):
        tree.assert_same_structure(a, b)


def test_layer_normalization_without_its_mean():
    x = np.array([[1.0, 2.0, 6.0]], "float32")
    with pytest.warns(UserWarning, match="You passed `rms_scaling=True`, which is deprecated"):
        found = ops.layer_normalization(x, np.float32([1, 2, 3]), epsilon=0.0, rms_scaling=True)
    np.testing.assert_allclose(found, x * [1, 2, 3] / np.sqrt(14 / 3), rtol=1e-6)
    with pytest.raises(ValueError, match=r"received \['other'\]"):
        ops.layer_normalization(x, other=1)


def test_repeats_along_an_axis_of_unknown_size():
    inputs = cc.Input((3,))
    model = cc.Model(inputs, [ops.repeat(inputs, 2, axis=0), ops.repeat(inputs, 2)])
    assert model.output_shape == [(None, 3), (None,)]
    x = np.arange(6, dtype="float32").reshape(2, 3)
    for found, expected in zip(model(x), (np.repeat(x, 2, 0), np.repeat(x, 2)), strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("shape, words", [((-2, 3), "non-negative integer"), ((-1, None), "at most one")])
def test_shapes_that_cannot_be(shape, words):
    with pytest.raises(ValueError, match=words):
        ops.reshape(np.zeros(6, "float32"), shape)


def test_a_lambda_whose_shape_is_told_may_need_sizes():
    inputs = cc.Input((None, 3))
    square = layers.Lambda(
        lambda x: ops.tril(ops.ones((ops.shape(x)[1], ops.shape(x)[1]))) @ x, output_shape=(None, 3)
    )
    model = cc.Model(inputs, square(inputs))
    assert model.output_shape == (None, None, 3)
    x = np.random.default_rng(0).normal(size=(2, 4, 3)).astype("float32")
    np.testing.assert_allclose(model(x), np.cumsum(x, 1), rtol=1e-5)


@pytest.mark.parametrize(
    "names, shown",
    [({}, "1.0000"), ({"stateful_metrics": ["value"]}, "2.0000"), ({"stateless_metrics": []}, "2.0000")],
)
def test_a_progress_bar_shows_averages_or_last_values(names, shown):
    bar = utils.Progbar(2, interval=0, **names)
    bar.add(1, [("value", [-1.0, 1.0])])
    with contextlib.redirect_stdout(io.StringIO()) as written:
        bar.update(2, [("value", 2.0)], finalize=False)
        assert written.getvalue() == ""  # no terminal: only the last line is written
        bar.update(2, finalize=True)
    assert f"2/2 {'━' * 20}" in written.getvalue() and f"value: {shown}" in written.getvalue()


def test_progress_bars_of_nothing():
    for verbose in (1, 2):
        with contextlib.redirect_stdout(io.StringIO()) as written:
            utils.Progbar(0, verbose=verbose).update(0)
        assert written.getvalue().startswith("0/0")
    with pytest.raises(ValueError, match="Only one of"):
        utils.Progbar(1, stateful_metrics=[], stateless_metrics=[])
