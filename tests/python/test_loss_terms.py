"""Losses of models with several outputs: which loss reads what, their names and weights; values by hand."""

from collections import namedtuple

import convcore
import numpy as np
import pytest
from convcore import layers, ops, tree
from convcore.trainers.compile_loss import CompileLoss
from convcore.trainers.compile_metrics import CompileMetrics
from convcore.trainers.loss_terms import find_terms

ONE, TWO, FOUR = (np.full((2, 1), value, "float32") for value in (1, 2, 4))
ZERO = np.zeros((2, 1), "float32")
Pair = namedtuple("Pair", ["first", "second"])


class Outputs(convcore.Model):
    """Returns x and 2 x in a structure."""

    def __init__(self, structure):
        super().__init__()
        self.structure = structure
        self.weight = self.add_weight(shape=(), initializer="zeros")

    def call(self, x):
        leaves = iter([x + self.weight, x * 2.0 + self.weight])
        return tree.map_structure(lambda _: next(leaves), self.structure)


def logs_of(structure, targets, **arguments):
    model = Outputs(structure)
    model.compile("sgd", **arguments)
    return model.evaluate(ONE, targets, verbose=0, return_dict=True)


def test_outputs_without_names_go_by_the_names_of_their_losses():
    metrics = [["mae"], ["mae", "mse"]]
    logs = logs_of([0, 0], [ZERO, ZERO], loss=["mse", "mae"], metrics=metrics)
    assert logs == {"loss": 3, "mse_loss": 1, "mae_loss": 2, "mae": 1, "mae_1": 2, "mse": 4}
    assert logs_of({"q": [0, 0]}, [ZERO, ZERO], loss=["mse", "mae"][:1] * 2).keys() == {"loss", "q/mse_loss"}


def test_one_place_may_have_several_losses():
    loss = {"a": ["mse", "mae"], "b": "mse"}
    logs = logs_of({"a": 0, "b": 0}, {"a": ZERO, "b": ZERO}, loss=loss, loss_weights={"a": [1, 10], "b": 100})
    assert logs["loss"] == 1 + 10 + 400
    with pytest.raises(ValueError, match="2 entries"):
        convcore_single = convcore.Sequential([layers.Dense(1)])
        convcore_single.compile("sgd", loss=["mse", "mae"])
        convcore_single.fit(ONE, ONE, verbose=0)


@pytest.mark.parametrize("kind", [list, tuple, lambda items: Pair(*items)])
def test_a_loss_may_read_all_outputs_at_once(kind):
    def distance(y_true, y_pred):
        assert type(y_true) is type(y_pred) is type(kind([0, 0]))
        return ops.abs(y_pred[0] - y_true[0]) + ops.abs(y_pred[1] - y_true[1])

    other = tuple if kind is list else list
    loss = other([distance, kind(["mse", "mse"])])
    logs = logs_of(kind([0, 0]), kind([ZERO, ZERO]), loss=loss)
    assert logs["loss"] == (1 + 2) + 1 + 4 and list(logs) == ["distance_loss", "loss", "mse_loss"]


def test_targets_and_weights_are_found_by_name():
    loss = CompileLoss(["mse", "mae"], output_names=["b", "a"])
    loss.build([ONE, ONE], [ONE, ONE])
    assert loss({"a": ONE, "b": TWO}, {"a": ZERO, "b": FOUR}) == 1 + 2  # flattened: a, then b, as in Keras
    partial = CompileLoss({"a": {"c": "mse", "d": "mae"}}, output_names=["c", "d", "b"])
    structure = {"a": {"c": FOUR, "d": TWO}, "b": ONE}
    zeros = tree.map_structure(np.zeros_like, structure)
    assert partial(zeros, structure) == 16 + 2
    assert [metric.name for metric in partial.metrics] == ["a/c_loss", "a/d_loss"]
    some = CompileLoss([None, "mse", "mse"], output_names=["a", "b", "c"])
    assert some([ZERO, ONE], [FOUR, ONE, ONE]) == 1
    vector = CompileLoss({"a": "mse"}, {"a": np.array([1.0, 10.0])}, ["a"])
    np.testing.assert_array_equal(vector({"a": ZERO}, {"a": TWO}), [4, 40])


def test_metrics_follow_the_order_of_the_model():
    metrics = CompileMetrics({"a": "mae", "b": "mse"}, None, output_names=["b", "a"])
    metrics.update_state({"a": ZERO, "b": ZERO}, {"a": FOUR, "b": TWO})
    assert list(metrics.result().items()) == [("b_mse", 4), ("a_mae", 4)]


@pytest.mark.parametrize(
    "loss, weights, error, words",
    [
        ({"a": {"c": "mse"}, "b": {"d": "mae"}}, None, KeyError, "can't be found in the model's output"),
        ({"x": "mse"}, None, KeyError, r"\('x',\)"),
        ({"a": {"c": "mse", "d": "mae"}}, [1], ValueError, "must match the number of losses, 2"),
    ],
)
def test_what_has_no_place(loss, weights, error, words):
    with pytest.raises(error, match=words):
        find_terms(loss, weights, {"a": {"c": ONE, "d": ONE}, "b": ONE}, ["c", "d", "b"])


def test_an_own_compute_loss_tells_what_the_losses_read():
    class Split(convcore.Model):
        def compute_loss(self, x, y, y_pred, sample_weight=None, training=True):
            return super().compute_loss(x, [y, y], [y_pred[:, :1], y_pred[:, 1:]], sample_weight, training)

    inputs = convcore.Input((2,))
    model = Split(inputs, layers.Identity()(inputs))
    model.compile("sgd", loss=["mse", "mae"])
    logs = model.evaluate(np.array([[2.0, 3.0]]), np.zeros((1, 1)), verbose=0, return_dict=True)
    assert logs == {"loss": 7, "mse_loss": 4, "mae_loss": 3}
