"""fit, evaluate and predict: order of hooks, running results, shuffling, sources of data."""

import threading

import convcore
import numpy as np
import pytest
from convcore import callbacks, layers, ops

RNG = np.random.default_rng(2)
X = RNG.normal(size=(50, 4)).astype("float32")
Y = X[:, :3].argmax(1)


def model(**arguments):
    convcore.utils.set_random_seed(1)
    made = convcore.Sequential([layers.Input((4,)), layers.Dense(3, "sigmoid")])
    made.compile(
        **{
            "optimizer": "sgd",
            "loss": "sparse_categorical_crossentropy",
            "metrics": ["accuracy"],
            **arguments,
        }
    )
    return made


class Recorder(callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.calls, self.logs = [], []
        for name in dir(callbacks.Callback):
            if name.startswith("on_") and name not in ("on_batch_begin", "on_batch_end"):
                setattr(self, name, self.hook(name))

    def hook(self, name):
        def record(*args):
            *place, logs = args  # the logs are the last one, by position as in Keras
            self.calls.append((name.removeprefix("on_"), *place))
            self.logs.append(dict(logs or {}))

        return record


def test_order_of_the_hooks():
    recorder = Recorder()
    model().fit(X, Y, batch_size=20, epochs=2, validation_split=0.4, callbacks=[recorder], verbose=0)
    epoch = [
        ("train_batch_begin", 0),
        ("train_batch_end", 0),
        ("train_batch_begin", 1),
        ("train_batch_end", 1),
    ]
    validation = [("test_begin",), ("test_batch_begin", 0), ("test_batch_end", 0), ("test_end",)]
    expected = [("train_begin",)]
    for number in range(2):
        expected += [("epoch_begin", number), *epoch, *validation, ("epoch_end", number)]
    assert recorder.calls == [*expected, ("train_end",)]


def test_hooks_of_evaluate_and_predict():
    recorder, trained = Recorder(), model()
    trained.evaluate(X, Y, batch_size=32, callbacks=[recorder], verbose=0)
    trained.predict(X, batch_size=32, callbacks=recorder)
    kinds = [name for name, *_ in recorder.calls]
    batch = ["test_batch_begin", "test_batch_end"] * 2
    assert kinds == ["test_begin", *batch, "test_end"] + [
        name.replace("test", "predict") for name in ["test_begin", *batch, "test_end"]
    ]
    np.testing.assert_array_equal(recorder.logs[-2]["outputs"], trained.predict(X)[32:])


def test_batch_logs_are_running_means_before_the_update():
    trained, recorder = model(optimizer=convcore.optimizers.SGD(0.5)), Recorder()
    values, weights = [], trained.get_weights()
    for start in range(0, 50, 20):
        x, y = X[start : start + 20], Y[start : start + 20]
        values.append((len(x), *trained.evaluate(x, y, verbose=0)))
        trained.train_on_batch(x, y)
    trained.set_weights(weights)
    trained.fit(X, Y, batch_size=20, shuffle=False, callbacks=[recorder], verbose=0)
    seen = [
        logs for call, logs in zip(recorder.calls, recorder.logs, strict=True) if call[0] == "train_batch_end"
    ]
    for count, logs in enumerate(seen, start=1):
        sizes, loss, accuracy = zip(*values[:count], strict=True)
        np.testing.assert_allclose(logs["loss"], np.average(loss, weights=sizes), rtol=1e-5)
        np.testing.assert_allclose(logs["accuracy"], np.average(accuracy, weights=sizes), rtol=1e-5)
        assert list(logs) == ["accuracy", "loss"]
        assert all(type(value) is float for value in logs.values())


def test_history():
    trained = model()
    history = trained.fit(X, Y, epochs=3, verbose=0, validation_data=(X[:9], Y[:9]))
    assert history is trained.history and history.epoch == [0, 1, 2]
    assert history.params == {"verbose": 0, "epochs": 3, "steps": 2}
    assert list(history.history) == ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert all(len(values) == 3 for values in history.history.values())
    assert trained.fit(X, Y, verbose=0) is not history


def order_of_samples(**arguments):
    """Which samples each batch held: with rate 0 the loss of a batch of one tells the sample apart."""
    seen = []

    class Identify(convcore.Model):
        def call(self, inputs):
            return inputs

        def train_step(self, data):
            x, y, _ = convcore.utils.unpack_x_y_sample_weight(data)
            return {"loss": ops.sum(x)}

    numbers = np.arange(8, dtype="float32")[:, None]
    watched = Identify()
    watched.compile("sgd")
    watched.fit(
        numbers,
        batch_size=arguments.pop("batch_size", 1),
        callbacks=[
            callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(logs["loss"]))
        ],
        verbose=0,
        **arguments,
    )
    return seen


def test_shuffle_draws_a_new_order_of_all_samples_each_epoch():
    convcore.utils.set_random_seed(3)
    first = order_of_samples(epochs=2)
    assert sorted(first[:8]) == sorted(first[8:]) == list(range(8))
    assert first[:8] != first[8:] and first[:8] != list(range(8))
    convcore.utils.set_random_seed(3)
    assert order_of_samples(epochs=2) == first
    assert order_of_samples(shuffle=False) == list(range(8))


def test_shuffle_inside_batches_keeps_their_sums():
    assert order_of_samples(batch_size=4, shuffle="batch") == [0 + 1 + 2 + 3, 4 + 5 + 6 + 7]


def test_last_batch_is_smaller():
    assert order_of_samples(batch_size=3, shuffle=False) == [3, 12, 13]


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
def test_steps_continue_in_the_next_epoch():
    assert order_of_samples(shuffle=False, steps_per_epoch=3, epochs=2) == [0, 1, 2, 3, 4, 5]


def test_running_out_of_data_warns():
    with pytest.warns(UserWarning, match="ran out of data"):
        assert order_of_samples(shuffle=False, steps_per_epoch=10, epochs=2) == [*range(8), *range(8)]


class Batches(convcore.utils.PyDataset):
    def __init__(self, parts=2, **arguments):
        super().__init__(**arguments)
        self.parts, self.events = parts, []

    def __len__(self):
        return 5

    def __getitem__(self, i):
        part = slice(10 * i, 10 * i + 10)
        return (X[part], Y[part], np.ones(10, "float32"))[: self.parts]

    def on_epoch_end(self):
        self.events.append("end")


@pytest.mark.parametrize("workers", [1, 3])
def test_py_dataset_equals_arrays(workers):
    first, second = model(), model()
    first.fit(X, Y, batch_size=10, epochs=2, shuffle=False, verbose=0)
    dataset = Batches(workers=workers)
    second.fit(dataset, epochs=2, shuffle=False, verbose=0)
    for a, b in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert dataset.events == ["end", "end"]
    np.testing.assert_array_equal(first.predict(X), second.predict(Batches(1)))
    assert first.evaluate(X, Y, verbose=0) == pytest.approx(second.evaluate(Batches(3), verbose=0), abs=1e-6)


def test_py_dataset_with_class_weight():
    first, second = model(), model()
    first.fit(X, Y, batch_size=10, shuffle=False, verbose=0, class_weight={1: 3.0})
    second.fit(Batches(), shuffle=False, verbose=0, class_weight={1: 3.0})
    np.testing.assert_array_equal(first.get_weights()[0], second.get_weights()[0])


def endless():
    while True:
        for i in range(5):
            yield X[10 * i : 10 * i + 10], Y[10 * i : 10 * i + 10]


def test_generator_equals_arrays():
    first, second = model(), model()
    first.fit(X, Y, batch_size=10, epochs=2, shuffle=False, verbose=0)
    second.fit(endless(), steps_per_epoch=5, epochs=2, verbose=0, validation_data=(X, Y))
    for a, b in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_generator_that_ends_ends_the_training():
    finite = ((X[i : i + 25], Y[i : i + 25]) for i in (0, 25))
    with pytest.warns(UserWarning, match="ran out of data"):
        history = model().fit(finite, epochs=3, verbose=0)
    assert history.epoch == [0]


def test_stop_training_after_a_batch():
    trained, seen = model(), []

    def stop(batch, logs):
        seen.append(batch)
        trained.stop_training = batch == 1

    history = trained.fit(
        X, Y, batch_size=5, epochs=4, verbose=0, callbacks=[callbacks.LambdaCallback(on_train_batch_end=stop)]
    )
    assert seen == [0, 1] and history.epoch == [0]


def test_evaluate_leaves_the_model_as_it_is_and_returns_by_name():
    trained = model()
    before = trained.get_weights()
    values = trained.evaluate(X, Y, batch_size=7, verbose=0)
    named = trained.evaluate(X, Y, batch_size=7, verbose=0, return_dict=True)
    assert list(named) == ["accuracy", "loss"] and values == [named["loss"], named["accuracy"]]
    for a, b in zip(before, trained.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    trained.compile("sgd", "mse")
    assert type(trained.evaluate(X, np.zeros((50, 3)), verbose=0)) is float


@pytest.mark.parametrize("batch_size", [1, 3, 7, 32, 50, 64])
def test_predict_does_not_depend_on_the_batch_size(batch_size):
    trained = model()
    np.testing.assert_array_equal(
        trained.predict(X, batch_size=batch_size), trained.predict(X, batch_size=50)
    )
    np.testing.assert_array_equal(trained.predict(X[4:5]), trained.predict(X)[4:5])


def test_predict_needs_no_compile_and_keeps_the_structure_of_outputs():
    inputs = layers.Input((4,))
    parts = {"a": layers.Dense(2)(inputs), "b": layers.Dense(3)(inputs)}
    outputs = convcore.Model(inputs, parts).predict(X, batch_size=20)
    assert {name: value.shape for name, value in outputs.items()} == {"a": (50, 2), "b": (50, 3)}


def test_inputs_of_small_integers_and_doubles():
    trained = model()
    whole = RNG.integers(0, 255, (40, 4)).astype("uint8")
    expected = trained.predict(whole.astype("float32"))
    np.testing.assert_allclose(trained.predict(whole), expected, rtol=1e-6)
    np.testing.assert_allclose(trained.predict(whole.astype("float64")), expected, rtol=1e-6)
    trained.fit(whole, Y[:40].astype("uint8"), verbose=0)


def test_recompiling_keeps_the_weights_and_starts_the_optimizer_afresh():
    trained = model(optimizer="adam")
    trained.fit(X, Y, verbose=0)
    weights, steps = trained.get_weights(), int(np.asarray(trained.optimizer.iterations))
    trained.compile("adam", "mse")
    assert steps == 2 and int(np.asarray(trained.optimizer.iterations)) == 0
    np.testing.assert_array_equal(trained.get_weights()[0], weights[0])


def test_learning_rate_set_between_and_during_epochs():
    trained = model(optimizer=convcore.optimizers.SGD(0.1))
    trained.fit(X, Y, verbose=0)
    trained.optimizer.learning_rate = 0.0
    before = trained.get_weights()[0]
    trained.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(trained.get_weights()[0], before)


def test_frozen_layers_stay():
    trained = convcore.Sequential([layers.Input((4,)), layers.Dense(5, "relu"), layers.Dense(3, "sigmoid")])
    trained.layers[0].trainable = False
    trained.compile("adam", "sparse_categorical_crossentropy")
    before = trained.get_weights()
    trained.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(trained.get_weights()[0], before[0])
    assert np.abs(trained.get_weights()[2] - before[2]).max() > 0


def test_moving_averages_are_in_the_model_after_fit():
    trained = model(optimizer=convcore.optimizers.SGD(0.5, use_ema=True, ema_momentum=0.9))
    trained.fit(X, Y, batch_size=10, verbose=0)
    np.testing.assert_array_equal(trained.get_weights()[0], trained.optimizer.variables[2].numpy())


def test_training_in_float64():
    convcore.config.set_floatx("float64")
    try:
        trained = model(optimizer="adam", weighted_metrics=["acc"])
        results = trained.fit(X.astype("float64"), Y, verbose=0, class_weight={0: 2.0}).history
        assert sorted(results) == ["acc", "accuracy", "loss"]
        assert trained.predict(X).dtype == "float64"
        assert [v.dtype for v in trained.optimizer.variables[1:]] == ["float64"] * 5
    finally:
        convcore.config.set_floatx("float32")


def test_training_in_another_thread():
    first, second = model(), model()
    first.fit(X, Y, shuffle=False, verbose=0)
    worker = threading.Thread(target=lambda: second.fit(X, Y, shuffle=False, verbose=0))
    worker.start()
    worker.join()
    np.testing.assert_array_equal(first.get_weights()[0], second.get_weights()[0])


def test_one_label_and_one_weight_per_pixel():
    pictures = RNG.random((5, 4, 4, 2)).astype("float32")
    labels, weights = RNG.integers(0, 3, (5, 4, 4)), RNG.random((5, 4, 4))
    made = convcore.Sequential([layers.Input((4, 4, 2)), layers.Conv2D(3, 1, activation="softmax")])
    made.compile("rmsprop", "ce", metrics=["acc"], weighted_metrics=["acc"])
    results = made.evaluate(pictures, labels, sample_weight=weights, verbose=0, return_dict=True)
    chances = made.predict(pictures)
    hits = chances.argmax(-1) == labels
    cost = -np.log(np.take_along_axis(chances, labels[..., None], -1)[..., 0])
    np.testing.assert_allclose(results["loss"], (cost * weights).mean(), rtol=1e-5)
    np.testing.assert_allclose(results["acc"], hits.mean(), rtol=1e-5)
    made.fit(pictures, labels, sample_weight=weights, verbose=0)
