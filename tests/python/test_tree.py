"""convcore.tree, limits on epochs and steps, and other small names of Keras."""

import logging
from collections import namedtuple

import convcore
import numpy as np
import pytest
from convcore import backend, config, layers, tree, utils

Pair = namedtuple("Pair", "left right")
NESTED = {"b": [1, (2, None)], "a": Pair(3, 4)}


def test_structures():
    assert tree.flatten(NESTED) == [3, 4, 1, 2, None]
    assert tree.flatten_with_path({"b": [5], "a": (6,)}) == [(("a", 0), 6), (("b", 0), 5)]
    doubled = tree.map_structure(lambda x: x * 2, NESTED, none_is_leaf=False)
    assert doubled == {"b": [2, (4, None)], "a": Pair(6, 8)}
    assert tree.map_structure(lambda x, y: x + y, [1, 2], [3, 4]) == [4, 6]
    assert tree.map_structure_up_to([0, 0], lambda x: len(x), [[1, 2], [3]]) == [2, 1]
    assert tree.pack_sequence_as(NESTED, [3, 4, 1, 2, None]) == NESTED
    assert tree.lists_to_tuples([1, {"a": [2]}]) == (1, {"a": (2,)})
    assert tree.map_shape_structure(tuple, {"a": [None, 3]}) == {"a": (None, 3)}
    assert tree.is_nested([]) and not tree.is_nested("ab")


def test_traverse():
    def replaced(x):
        if isinstance(x, tuple):
            return "tuple"
        return tree.MAP_TO_NONE if x == 1 else None

    assert tree.traverse(replaced, [1, (2, 3), 4]) == [None, "tuple", 4]
    seen = []
    tree.traverse(lambda x: seen.append(x), [1, [2]], top_down=False)
    assert seen == [1, 2, [2], [1, [2]]]


@pytest.mark.parametrize(
    "call",
    [
        lambda: tree.assert_same_structure([1], (1,)),
        lambda: tree.assert_same_structure({"a": 1}, {"b": 1}),
        lambda: tree.assert_same_paths([1, 2], [1]),
        lambda: tree.pack_sequence_as([1, 2], [1]),
        lambda: tree.map_structure(lambda *x: x, [1, None], [1, 2], none_is_leaf=False),
        lambda: tree.map_structure_up_to([0, 0], lambda x: x, [1]),
    ],
)
def test_structures_that_differ(call):
    with pytest.raises(ValueError):
        call()


def test_limits_on_epochs_and_steps():
    model = convcore.Sequential([convcore.Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    x, y = np.ones((8, 2)), np.ones((8, 1))
    config.set_max_epochs(2)
    config.set_max_steps_per_epoch(2)
    try:
        with pytest.warns(UserWarning, match="Limiting epochs to 2"):
            history = model.fit(x, y, epochs=5, batch_size=2, verbose=0)
        assert len(history.epoch) == 2 and int(model.optimizer.iterations.numpy()) == 4
        assert model.predict(x, batch_size=2, verbose=0, callbacks=[]).shape == (4, 1)
    finally:
        config.set_max_epochs(None)
        config.set_max_steps_per_epoch(None)
    assert config.max_epochs() is None and config.max_steps_per_epoch() is None


def test_progress_goes_to_the_logger_if_wanted(caplog, capsys):
    model = convcore.Sequential([convcore.Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    utils.disable_interactive_logging()
    try:
        with caplog.at_level(logging.INFO, logger="convcore"):
            model.evaluate(np.ones((2, 2)), np.ones((2, 1)), verbose=2)
        assert not utils.is_interactive_logging_enabled()
    finally:
        utils.enable_interactive_logging()
    assert "loss" in caplog.text and capsys.readouterr().out == ""


def test_small_names():
    assert [backend.get_uid("test_small"), backend.get_uid("test_small")] == [1, 2]
    assert backend.is_float_dtype("float32") and not backend.is_float_dtype("int32")
    assert backend.is_int_dtype("uint8") and config.backend() == "convcore"
    first, second = convcore.Input((2,)), convcore.Input((2,))
    joined = layers.Add()([layers.Dense(2)(first), second])
    assert utils.get_source_inputs(joined) == [first, second]
    assert convcore.version() == convcore.__version__ and convcore.InputSpec is layers.InputSpec
    with convcore.name_scope("outer"):
        dense = layers.Dense(1, name="inner")
        dense.build((None, 2))
    assert dense.kernel.path == "outer/inner/kernel"


def test_the_one_loss_of_an_output_may_stand_in_a_list():
    x = convcore.Input((2,))
    model = convcore.Model(x, [layers.Dense(1)(x), layers.Dense(1)(x)])
    model.compile("sgd", ["mse", ["mae"]])
    data = np.ones((4, 2)), [np.ones((4, 1)), np.zeros((4, 1))]
    total, first, second = model.evaluate(*data, verbose=0)
    outputs = model.predict(data[0], verbose=0)
    np.testing.assert_allclose(first, np.square(outputs[0] - 1).mean(), rtol=1e-5)
    np.testing.assert_allclose([second, total], [np.abs(outputs[1]).mean(), first + second], rtol=1e-5)
