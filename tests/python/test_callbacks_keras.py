"""Hooks beside Keras: their order, their arguments, the keys of their logs; and averaged weights."""

import convcore
import numpy as np
import pytest
from oracle import keras

pytest.importorskip("jax").config.update("jax_disable_most_optimizations", True)

RNG = np.random.default_rng(43)
X = RNG.normal(size=(20, 6)).astype("float32")
Y = RNG.integers(0, 3, 20)
HOOKS = [f"on_{kind}_{when}" for kind in ("train", "test", "predict") for when in ("begin", "end")]
HOOKS += [f"on_{kind}_batch_{when}" for kind in ("train", "test", "predict") for when in ("begin", "end")]
HOOKS += ["on_epoch_begin", "on_epoch_end"]


def recorder(library, events):
    """A callback that notes hook, number, and the keys of the logs."""

    def note(name):
        def hook(self, *args, logs=None, **kwargs):
            number = [a for a in args if not isinstance(a, dict)]
            logs = logs if logs is not None else next((a for a in args if isinstance(a, dict)), {})
            events.append((name, *number, tuple(logs)))

        return hook

    return type("Recorder", (library.callbacks.Callback,), {name: note(name) for name in HOOKS})()


def models(averaged=None, **arguments):
    """The same compiled model in both libraries."""
    made, start = [], None
    average = {} if averaged is None else {"use_ema": True, "ema_momentum": averaged}
    for library in (keras, convcore):
        layers = library.layers
        model = library.Sequential([layers.Input((6,)), layers.Dense(3, "softmax")])
        start = model.get_weights() if start is None else start
        model.set_weights(start)
        model.compile(
            library.optimizers.SGD(0.5, **average),
            "sparse_categorical_crossentropy",
            metrics=["accuracy"],
            **arguments,
        )
        made.append((library, model))
    return made


FITS = {
    "validation": {"batch_size": 8, "epochs": 3, "validation_split": 0.4, "validation_freq": 2},
    "steps": {"batch_size": 4, "epochs": 2, "steps_per_epoch": 2, "validation_data": (X, Y)},
    "initial_epoch": {"epochs": 4, "initial_epoch": 2},
    "no_epochs": {"epochs": 0},
}


@pytest.mark.parametrize("steps_per_execution", [1, 2])
@pytest.mark.parametrize("name", FITS)
def test_order_of_hooks_in_fit(name, steps_per_execution):
    logs = []
    for library, model in models(steps_per_execution=steps_per_execution):
        events = []
        listed = [recorder(library, events), library.callbacks.LearningRateScheduler(lambda e: 0.1)]
        listed.append(recorder(library, events))
        model.fit(X, Y, shuffle=False, verbose=0, callbacks=listed, **FITS[name])
        logs.append(events)
    assert logs[1] == logs[0]


@pytest.mark.parametrize("steps_per_execution", [1, 3])
def test_order_of_hooks_in_evaluate_and_predict(steps_per_execution):
    logs, shapes = [], []
    for library, model in models(steps_per_execution=steps_per_execution):
        events = []
        model.evaluate(X, Y, batch_size=4, verbose=0, callbacks=[recorder(library, events)])
        sizes = []

        class Sizes(library.callbacks.Callback):
            def on_predict_batch_end(self, batch, logs=None):
                sizes.append(np.shape(logs["outputs"]))  # noqa: B023

        outputs = model.predict(X, batch_size=4, verbose=0, callbacks=[recorder(library, events), Sizes()])
        logs.append(events)
        shapes.append((*sizes, outputs.shape))
    assert logs[1] == logs[0]
    assert shapes[1] == shapes[0]


def test_stopping_ends_where_keras_ends():
    for where in ("on_train_batch_end", "on_epoch_end", "on_test_batch_end"):
        logs = []
        for library, model in models():

            def stop(self, *args, **kwargs):
                self.model.stop_training = True

            events = []
            stopper = type("Stopper", (library.callbacks.Callback,), {where: stop})()
            listed = [stopper, recorder(library, events)]
            model.fit(X, Y, batch_size=8, epochs=3, verbose=0, callbacks=listed, validation_data=(X, Y))
            logs.append(events)
        assert logs[1] == logs[0], where


def test_an_error_ends_training_as_in_keras():
    """The end of training is not announced, but averaged weights are in the model."""
    logs, weights = [], []
    for library, model in models(averaged=0.5):

        def fail(self, batch, logs=None):
            if batch == 1:
                raise ConnectionError("down")

        events = []
        failing = type("Failing", (library.callbacks.Callback,), {"on_train_batch_end": fail})()
        with pytest.raises(ConnectionError):
            listed = [recorder(library, events), failing]
            model.fit(X, Y, batch_size=8, shuffle=False, verbose=0, callbacks=listed)
        logs.append(events)
        weights.append(model.get_weights())
    assert logs[1] == logs[0]
    for theirs, ours in zip(*weights, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-6)


def test_averaged_weights_in_evaluation():
    results = []
    for library, model in models(averaged=0.9):
        swap = library.callbacks.SwapEMAWeights(swap_on_epoch=True)
        seen = []

        class Seen(library.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                seen.append(self.model.get_weights())  # noqa: B023

        history = model.fit(
            X,
            Y,
            batch_size=8,
            epochs=3,
            shuffle=False,
            verbose=0,
            validation_data=(X, Y),
            callbacks=[swap, Seen()],
        ).history
        results.append((history, [*seen, model.get_weights()]))
    for key, values in results[0][0].items():
        np.testing.assert_allclose(results[1][0][key], values, atol=2e-6)
    for theirs, ours in zip(results[0][1], results[1][1], strict=True):
        for a, b in zip(theirs, ours, strict=True):
            np.testing.assert_allclose(b, a, atol=2e-6)
    _, model = models()[1]
    with pytest.raises(ValueError, match="use_ema"):
        model.evaluate(X, Y, verbose=0, callbacks=[convcore.callbacks.SwapEMAWeights()])


CHECKPOINTS = {
    "every_epoch": ({"filepath": "e{epoch}-{loss:.3f}.weights.h5", "save_weights_only": True}, 1),
    "best": ({"filepath": "b{epoch}.weights.h5", "save_weights_only": True, "save_best_only": True}, 1),
    "best_of_nothing": ({"filepath": "{epoch}.keras", "save_best_only": True, "monitor": "loss2"}, 1),
    "threshold": (
        {"filepath": "{epoch}.keras", "save_best_only": True, "initial_value_threshold": 1.1, "verbose": 1},
        1,
    ),
    "batches": ({"filepath": "{epoch}-{batch}.keras", "save_freq": 3, "verbose": 1}, 1),
    "executions": ({"filepath": "{epoch}-{batch}.keras", "save_freq": 3}, 2),
}


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", CHECKPOINTS)
def test_files_and_messages_of_checkpoints(name, tmp_path, capsys, monkeypatch):
    arguments, steps_per_execution = CHECKPOINTS[name]
    if name == "best_of_nothing":
        arguments = {**arguments, "mode": "min"}
    files, texts = [], []
    for library, model in models(steps_per_execution=steps_per_execution):
        folder = tmp_path / library.__name__
        folder.mkdir()
        monkeypatch.chdir(folder)
        checkpoint = library.callbacks.ModelCheckpoint(**arguments)
        capsys.readouterr()
        model.fit(
            X,
            Y,
            batch_size=4,
            epochs=3,
            shuffle=False,
            verbose=0,
            callbacks=[checkpoint],
            validation_data=(X, Y),
        )
        files.append(sorted(path.name for path in folder.iterdir()))
        texts.append(capsys.readouterr().out)
    assert files[1] == files[0]
    assert texts[1] == texts[0]


def test_every_name_and_argument_of_keras():
    import inspect

    later = {"OrbaxCheckpoint", "RemoteMonitor"}
    names = {name for name in dir(keras.callbacks) if not name.startswith("_")}
    assert {name for name in names if not hasattr(convcore.callbacks, name)} == later
    for name in names - later:
        theirs, ours = (
            [(p.name, p.default) for p in inspect.signature(getattr(lib.callbacks, name)).parameters.values()]
            for lib in (keras, convcore)
        )
        assert ours == theirs, name
