"""compile and what can be overridden: steps, losses and metrics of users, results in order, saving of the
arguments.
"""

import convcore
import numpy as np
import pytest
from convcore import layers, losses, metrics, ops, optimizers

RNG = np.random.default_rng(8)
X = RNG.normal(size=(40, 4)).astype("float32")
Y = RNG.normal(size=(40, 2)).astype("float32")


def model(*parts, **arguments):
    made = convcore.Sequential([layers.Input((4,)), layers.Dense(2), *parts])
    made.compile(**{"optimizer": "sgd", "loss": "mse", **arguments})
    return made


def test_functions_as_loss_and_metric():
    def cubic(y_true, y_pred):
        return ops.mean(ops.abs(y_true - y_pred) ** 3, axis=-1)

    trained = model(
        loss=cubic, metrics=[cubic, metrics.MeanAbsoluteError(name="off"), "mae", losses.mean_squared_error]
    )
    results = trained.evaluate(X, Y, verbose=0, return_dict=True)
    error = trained.predict(X) - Y
    np.testing.assert_allclose(results["loss"], (np.abs(error) ** 3).mean(), rtol=1e-5)
    np.testing.assert_allclose(results["cubic"], results["loss"], rtol=1e-6)
    np.testing.assert_allclose(results["off"], np.abs(error).mean(), rtol=1e-5)
    np.testing.assert_allclose(results["mae"], results["off"], rtol=1e-6)
    np.testing.assert_allclose(results["mean_squared_error"], (error**2).mean(), rtol=1e-5)


def test_equal_names_are_numbered_and_weighted_ones_marked():
    trained = model(metrics=["mae", "mae", "mse"], weighted_metrics=["mae", "mae"])
    results = trained.evaluate(X, Y, sample_weight=RNG.random(40), verbose=0, return_dict=True)
    assert sorted(results) == ["loss", "mae", "mae_1", "mse", "weighted_mae", "weighted_mae_1"]
    assert results["mae"] != results["weighted_mae"]


def test_own_train_step():
    class Doubled(convcore.Sequential):
        def train_step(self, data):
            x, y, weight = convcore.utils.unpack_x_y_sample_weight(data)
            y_pred = self(x, training=True)
            loss = 2.0 * self.compute_loss(x, y, y_pred, weight)
            self.apply_gradients_of(loss)
            return {"twice": loss}

    doubled = Doubled([layers.Input((4,)), layers.Dense(2)])
    doubled.compile(optimizers.SGD(0.05), "mse")
    plain = model(optimizer=optimizers.SGD(0.1))
    plain.set_weights(doubled.get_weights())
    twice = doubled.fit(X, Y, batch_size=40, shuffle=False, verbose=0).history["twice"]
    once = plain.fit(X, Y, batch_size=40, shuffle=False, verbose=0).history["loss"]
    np.testing.assert_allclose(twice, 2 * np.array(once), rtol=1e-5)
    np.testing.assert_allclose(doubled.get_weights()[0], plain.get_weights()[0], rtol=1e-5)


def test_own_compute_loss_and_metrics_of_the_model():
    class Watched(convcore.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(2)
            self.largest = metrics.Mean(name="largest")

        def call(self, x):
            return self.dense(x)

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            self.largest.update_state(ops.max(y_pred))
            return ops.mean(ops.square(y - y_pred))

    watched = Watched()
    watched.compile("sgd")
    results = watched.evaluate(X, Y, batch_size=40, verbose=0, return_dict=True)
    assert list(results) == ["largest", "loss"]
    np.testing.assert_allclose(results["largest"], watched.predict(X, batch_size=40).max(), rtol=1e-6)
    watched.fit(X, Y, verbose=0)


def test_penalties_alone_are_a_loss():
    made = convcore.Sequential([layers.Input((4,)), layers.Dense(2, kernel_regularizer="l2")])
    made.compile(optimizers.SGD(0.1))
    kernel = made.get_weights()[0]
    with pytest.warns(UserWarning, match="bias"):
        made.fit(X, verbose=0, batch_size=40)
    np.testing.assert_allclose(made.get_weights()[0], kernel * (1 - 0.1 * 0.02), rtol=1e-5)


def test_inputs_and_targets_in_dicts_and_lists():
    first, second = layers.Input((4,), name="first"), layers.Input((4,), name="second")
    joined = layers.Dense(2, name="head")(layers.Activation("linear")(first + second))
    made = convcore.Model({"first": first, "second": second}, joined)
    made.compile("sgd", "mse")
    made.fit({"first": X, "second": X}, Y, verbose=0)
    assert made.predict({"first": X, "second": X}).shape == (40, 2)


def test_no_output_for_the_second_loss():
    inputs = layers.Input((4,))
    made = convcore.Model(inputs, [layers.Dense(2, name="a")(inputs), layers.Dense(2, name="b")(inputs)])
    made.compile("sgd", loss=["mse", None])
    assert type(made.evaluate(X, [Y, Y], verbose=0)) is float


def test_arguments_of_compile_survive_their_configuration():
    first = model(
        optimizer=optimizers.Adam(0.3), loss=losses.Huber(delta=0.3), metrics=["mae"], loss_weights=[2.0]
    )
    second = convcore.Sequential([layers.Input((4,)), layers.Dense(2)])
    second.compile_from_config(first.get_compile_config())
    second.set_weights(first.get_weights())
    assert type(second.optimizer) is optimizers.Adam and second.optimizer.built
    assert second.evaluate(X, Y, verbose=0) == first.evaluate(X, Y, verbose=0)
    assert convcore.Sequential([layers.Dense(2)]).get_compile_config() == {}


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"metrics": "mae"}, "metrics='mae'"),
        ({"optimizer": "adamm"}, "adamm"),
        ({"loss_weights": "a"}, "loss_weights='a'"),
    ],
)
def test_bad_arguments_of_compile(arguments, word):
    with pytest.raises(ValueError, match=word):
        model(**arguments)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"loss": "quadratic"}, "quadratic"),
        ({"metrics": ["quadratic"]}, "quadratic"),
        ({"loss": {"other": "mse"}}, "other"),
        ({"loss": ["mse", "mse"]}, "2 entries"),
        ({"loss": None}, "No loss"),
    ],
)
def test_bad_losses_and_metrics_are_named_before_training(arguments, word):
    made = model(**arguments)
    before = made.get_weights()[0]
    with pytest.raises(ValueError, match=word):
        made.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(made.get_weights()[0], before)
