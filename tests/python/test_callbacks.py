"""Callbacks: lists and listeners, and each of the callbacks against its rule."""

import csv

import convcore
import numpy as np
import pytest
from convcore import callbacks, layers

RNG = np.random.default_rng(9)
X = RNG.normal(size=(24, 3)).astype("float32")
Y = X[:, :1]


def model(rate=0.1, metrics=("mae",)):
    made = convcore.Sequential([layers.Input((3,)), layers.Dense(1)])
    made.compile(convcore.optimizers.SGD(rate), "mse", metrics=list(metrics))
    return made


class Scripted:
    """A stand-in for a model: gives callbacks the results of a script, epoch after epoch."""

    def __init__(self, values, name="val_loss"):
        self.values, self.name = values, name
        self.metrics = []
        self.optimizer = convcore.optimizers.SGD(1.0)
        self.stop_training = False
        self.weights = None

    def get_weights(self):
        return self.weights

    def set_weights(self, weights):
        self.weights = weights

    def run(self, callback, after=None):
        callback.set_model(self)
        callback.on_train_begin()
        rates, epoch = [], -1
        for epoch, value in enumerate(self.values):
            self.weights = epoch
            callback.on_epoch_begin(epoch)
            callback.on_epoch_end(epoch, {self.name: value})
            rates.append(float(np.asarray(self.optimizer.learning_rate)))
            if self.stop_training:
                break
        callback.on_train_end()
        return epoch, rates


def test_order_user_callbacks_then_history_then_bar():
    listed = callbacks.CallbackList(
        [callbacks.Callback(), callbacks.LambdaCallback()], add_history=True, add_progbar=True, model=model()
    )
    kinds = [type(callback).__name__ for callback in listed]
    assert kinds == ["Callback", "LambdaCallback", "History", "ProgbarLogger"]


def test_logs_changed_by_one_callback_are_seen_by_the_next():
    def add(epoch, logs):
        logs["extra"] = 1.5

    trained = model()
    history = trained.fit(X, Y, verbose=0, epochs=2, callbacks=[callbacks.LambdaCallback(on_epoch_end=add)])
    assert history.history["extra"] == [1.5, 1.5]


def test_hooks_that_nobody_overrides_are_not_called():
    class Batches(callbacks.Callback):
        def on_batch_end(self, batch, logs=None):
            self.last = batch

    mine = Batches()
    listed = callbacks.CallbackList([mine, callbacks.History()])
    assert listed.caller("on_train_batch_end") and listed.caller("on_train_batch_begin") is None
    listed.on_train_batch_end(3)
    assert mine.last == 3


def test_early_stopping_waits_and_restores():
    scripted = Scripted([5, 4, 3, 3.5, 3.6, 3.7, 1])
    stopping = callbacks.EarlyStopping(patience=2, restore_best_weights=True)
    assert scripted.run(stopping)[0] == 4
    assert scripted.weights == 2 and stopping.best == 3 and stopping.stopped_epoch == 4


@pytest.mark.parametrize(
    ("arguments", "values", "last"),
    [
        ({"patience": 0}, [1, 2, 3], 1),
        ({"patience": 1, "min_delta": 0.5}, [1, 0.8, 0.2, 0.1, 0.1], 1),
        ({"patience": 1, "min_delta": 0.5}, [1, 0.4, 0.2, 0.1, 0.1], 2),
        ({"patience": 1, "mode": "max"}, [1, 2, 3, 3, 4], 3),
        ({"patience": 2, "baseline": 0.5}, [0.9, 0.8, 0.85, 0.1], 2),
        ({"patience": 1, "start_from_epoch": 3}, [1, 2, 3, 4, 5, 6], 4),
        ({"patience": 9, "monitor": "val_loss"}, [3, 2, 1], 2),
    ],
)
def test_early_stopping_rules(arguments, values, last):
    assert Scripted(values).run(callbacks.EarlyStopping(**arguments))[0] == last


def test_early_stopping_in_fit():
    history = model(rate=0.0).fit(
        X, Y, epochs=9, verbose=0, callbacks=[callbacks.EarlyStopping("loss", patience=2)], shuffle=False
    )
    assert history.epoch == [0, 1, 2]


def test_missing_result_warns():
    with pytest.warns(UserWarning, match="val_loss.*mae"):
        model().fit(X, Y, verbose=0, callbacks=[callbacks.EarlyStopping()])


@pytest.mark.parametrize(("metric", "upward"), [("mae", False), ("val_accuracy", True), ("loss", False)])
def test_direction_is_that_of_the_metric(metric, upward):
    made = convcore.Sequential([layers.Input((3,)), layers.Dense(1, "sigmoid")])
    made.compile("sgd", "bce", metrics=["accuracy", "mae"])
    made.evaluate(X, (Y > 0), verbose=0)
    stopping = callbacks.EarlyStopping(metric)
    stopping.set_model(made)
    assert stopping._is_improvement(2.0, 1.0) is upward
    unknown = callbacks.EarlyStopping("other")
    unknown.set_model(made)
    with pytest.raises(ValueError, match="mode"):
        unknown._is_improvement(2.0, 1.0)


@pytest.mark.parametrize(
    ("arguments", "values", "rates"),
    [
        ({"patience": 2}, [1, 1, 1, 1, 1], [1, 1, 0.1, 0.1, 0.01]),
        ({"patience": 1, "factor": 0.5, "min_lr": 0.3}, [1, 1, 1, 1], [1, 0.5, 0.3, 0.3]),
        ({"patience": 1, "cooldown": 2}, [1, 1, 1, 1, 1], [1, 0.1, 0.1, 0.01, 0.01]),
        ({"patience": 1}, [3, 2, 1, 1], [1, 1, 1, 0.1]),
    ],
)
def test_reduce_on_plateau(arguments, values, rates):
    seen = Scripted(values).run(callbacks.ReduceLROnPlateau(**arguments))[1]
    np.testing.assert_allclose(seen, rates, rtol=1e-6)


def test_reduce_on_plateau_refuses_to_raise_the_rate():
    with pytest.raises(ValueError, match="factor=1.5"):
        callbacks.ReduceLROnPlateau(factor=1.5)


def test_learning_rate_scheduler():
    trained = model()
    schedule = callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.5)
    history = trained.fit(X, Y, epochs=3, verbose=0, callbacks=[schedule])
    np.testing.assert_allclose(history.history["learning_rate"], [0.05, 0.025, 0.0125], rtol=1e-6)
    with pytest.raises(ValueError, match="float"):
        trained.fit(X, Y, verbose=0, callbacks=[callbacks.LearningRateScheduler(lambda epoch: 1)])


def test_csv_logger(tmp_path):
    path = tmp_path / "log.csv"
    trained = model()
    trained.fit(X, Y, epochs=2, verbose=0, validation_data=(X, Y), callbacks=[callbacks.CSVLogger(path)])
    trained.fit(X, Y, epochs=1, verbose=0, callbacks=[callbacks.CSVLogger(path, append=True)])
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["epoch", "loss", "mae", "val_loss", "val_mae"]
    assert [row[0] for row in rows[1:]] == ["0", "1", "0"] and rows[3][3:] == ["NA", "NA"]


def test_terminate_on_nan():
    trained = model(rate=1e30)
    history = trained.fit(
        X, Y, batch_size=4, epochs=3, verbose=0, callbacks=[callbacks.TerminateOnNaN()], shuffle=False
    )
    assert history.epoch == [0]
    with pytest.raises(RuntimeError, match="loss"):
        trained.fit(X, Y, verbose=0, callbacks=[callbacks.TerminateOnNaN(raise_error=True)])


def test_model_checkpoint(tmp_path):
    trained = model(rate=0.01)
    every = callbacks.ModelCheckpoint(tmp_path / "m{epoch:02d}.keras")
    best = callbacks.ModelCheckpoint(
        tmp_path / "best.weights.h5", "loss", save_best_only=True, save_weights_only=True
    )
    often = callbacks.ModelCheckpoint(tmp_path / "b{batch}.weights.h5", save_weights_only=True, save_freq=4)
    trained.fit(X, Y, epochs=2, batch_size=4, verbose=0, callbacks=[every, best, often])
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [
        "b2.weights.h5",
        "b4.weights.h5",
        "b6.weights.h5",
        "best.weights.h5",
        "m01.keras",
        "m02.keras",
    ]
    loaded = convcore.models.load_model(tmp_path / "m02.keras")
    np.testing.assert_array_equal(loaded.predict(X), trained.predict(X))


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"filepath": "a.txt"}, "a.txt"),
        ({"filepath": "a.keras", "save_weights_only": True}, ".weights.h5"),
        ({"filepath": "a.keras", "save_freq": "often"}, "often"),
    ],
)
def test_bad_arguments_of_model_checkpoint(arguments, word):
    with pytest.raises(ValueError, match=word):
        callbacks.ModelCheckpoint(**arguments)


def test_hooks_get_their_arguments_by_position():
    seen = []

    class Named(callbacks.Callback):
        def on_epoch_end(self, number, results):
            seen.append((number, sorted(results)))

        def on_train_batch_end(self, number, results):
            seen.append(number)

    model().fit(X, Y, batch_size=24, verbose=0, callbacks=[Named()])
    assert seen == [0, (0, ["loss", "mae"])]


def test_what_is_watched_must_have_a_better_direction():
    with pytest.raises(ValueError, match="better direction is not known"):
        model().fit(X, Y, verbose=0, callbacks=[callbacks.EarlyStopping("unknown")])
