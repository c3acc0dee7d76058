"""What training takes as data: iterables, datasets made by processes, validation in every form; gradients."""

import os

import convcore
import numpy as np
import pytest
from convcore import callbacks, layers

RNG = np.random.default_rng(53)
X = RNG.normal(size=(20, 3)).astype("float32")
Y = RNG.normal(size=(20, 1)).astype("float32")
W = RNG.uniform(0, 2, 20).astype("float32")


def network():
    convcore.utils.set_random_seed(3)
    model = convcore.Sequential([layers.Input((3,)), layers.Dense(4, "tanh"), layers.Dense(1)])
    model.compile(convcore.optimizers.SGD(0.1), "mse", metrics=["mae"])
    return model


class Loader:
    """Like a data loader: starts anew with every pass, yields lists, knows its length or not."""

    def __init__(self, weighted=False):
        self.weighted = weighted
        self.passes = 0

    def __iter__(self):
        self.passes += 1
        for i in range(0, 20, 5):
            part = slice(i, i + 5)
            yield [X[part].astype("float64"), Y[part], W[part]][: 3 if self.weighted else 2]


class SizedLoader(Loader):
    def __len__(self):
        return 4


class Batches(convcore.utils.PyDataset):
    def __len__(self):
        return 4

    def __getitem__(self, i):
        return X[5 * i : 5 * i + 5], Y[5 * i : 5 * i + 5], np.full(5, os.getpid() % 1000 + 1, "float32")


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kind", [Loader, SizedLoader])
def test_iterables_are_passed_over_once_an_epoch(kind, weighted):
    loader = kind(weighted)
    ours = network().fit(loader, epochs=3, verbose=0, validation_data=kind(weighted))
    assert loader.passes == 3
    arrays = {"sample_weight": W} if weighted else {}
    validation = (X, Y, W) if weighted else (X, Y)
    expected = network().fit(
        X, Y, batch_size=5, epochs=3, verbose=0, shuffle=False, validation_data=validation, **arrays
    )
    assert ours.history == expected.history
    assert ours.params["steps"] == (4 if kind is SizedLoader else None)


def test_iterables_in_evaluate_predict_and_with_class_weights():
    model = network()
    assert model.evaluate(Loader(), verbose=0) == model.evaluate(X, Y, batch_size=5, verbose=0)
    np.testing.assert_array_equal(model.predict(Loader()), model.predict(X))
    labels = RNG.integers(0, 2, 20)
    weighted = network().fit(Pairs(labels), class_weight={1: 3.0}, verbose=0)
    expected = network().fit(X, labels, batch_size=5, class_weight={1: 3.0}, shuffle=False, verbose=0)
    assert weighted.history == expected.history


class Pairs:
    def __init__(self, labels):
        self.labels = labels

    def __iter__(self):
        return ((X[i : i + 5], self.labels[i : i + 5]) for i in range(0, 20, 5))


def test_steps_continue_in_an_iterable():
    loader = SizedLoader()
    seen = []

    class See(callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen.append(loader.passes)

    network().fit(loader, steps_per_epoch=2, epochs=4, verbose=0, callbacks=[See()])
    assert seen == [1, 1, 2, 2]


def test_batches_made_by_processes():
    dataset = Batches(workers=2, use_multiprocessing=True)
    from convcore.trainers.data_adapters import PyDatasetAdapter

    batches = list(PyDatasetAdapter(dataset).batches())
    np.testing.assert_array_equal(np.concatenate([x for x, _, _ in batches]), X)
    made_by = {float(w[0]) for _, _, w in batches}
    assert float(os.getpid() % 1000 + 1) not in made_by
    history = network().fit(dataset, epochs=2, verbose=0, shuffle=False)
    assert len(history.history["loss"]) == 2


def test_an_error_in_a_process_reaches_the_caller():
    class Broken(Batches):
        def __getitem__(self, i):
            raise OSError("no such image")

    with pytest.raises(OSError, match="no such image"):
        network().fit(Broken(workers=2, use_multiprocessing=True), verbose=0)


@pytest.mark.parametrize(
    "validation",
    [
        (X, Y),
        [X, Y],
        (X, Y, np.ones(20, "float32")),
        Loader(),
        SizedLoader(),
    ],
    ids=["tuple", "list", "weights", "iterable", "sized"],
)
def test_validation_in_every_form(validation):
    history = network().fit(X, Y, epochs=2, verbose=0, batch_size=5, validation_data=validation)
    expected = network().fit(X, Y, epochs=2, verbose=0, batch_size=5, validation_split=0.0)
    assert history.history["loss"] == expected.history["loss"]
    assert len(history.history["val_mae"]) == 2


def test_what_is_no_data_is_refused_by_name():
    for data, word in ((iter([]), "at least one batch"), (iter([3]), "must yield tuples"), ("text", "str")):
        with pytest.raises(ValueError, match=word):
            network().fit(data, verbose=0)
    with pytest.raises(ValueError, match="class_weight"):
        network().fit(iter(Loader()), class_weight={0: 1.0}, verbose=0)
    with pytest.raises(ValueError, match="Loader, `y` should not be passed"):
        network().fit(Loader(), Y, verbose=0)


def test_run_eagerly_runs_the_python_code_for_every_batch_with_equal_results():
    class Counting(convcore.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1)
            self.calls = 0

        def call(self, x):
            self.calls += 1
            return self.dense(x)

    histories, calls = [], []
    for eager in (False, True):
        convcore.utils.set_random_seed(1)
        model = Counting()
        model.compile("sgd", "mse", run_eagerly=eager)
        histories.append(model.fit(X, Y, batch_size=5, epochs=2, verbose=0).history)
        calls.append(model.calls)
    assert histories[0] == histories[1]
    assert calls[0] < 4 <= 8 <= calls[1]
    with pytest.raises(ValueError, match="steps_per_execution"):
        model.compile("sgd", "mse", steps_per_execution=0)


def test_gradients_make_a_training_loop():
    whole, loop = network(), network()
    whole.fit(X, Y, batch_size=5, epochs=2, shuffle=False, verbose=0)
    for _ in range(2):
        for i in range(0, 20, 5):
            value, gradients = loop.gradients(X[i : i + 5], Y[i : i + 5], return_value=True)
            assert isinstance(value, float)
            loop.optimizer.apply(gradients, loop.trainable_variables)
    for expected, actual in zip(whole.get_weights(), loop.get_weights(), strict=True):
        np.testing.assert_allclose(actual, expected, rtol=1e-6, atol=1e-7)


def test_gradients_with_respect_to_inputs_and_of_outputs():
    model = network()
    gradients = model.gradients(X, wrt="inputs", of=lambda y: 2.0 * y[:, 0])
    step = 1e-3
    for j in range(3):
        moved = [model.predict(X + sign * step * np.eye(3, dtype="float32")[j])[:, 0] for sign in (1, -1)]
        np.testing.assert_allclose(gradients[:, j], (moved[0] - moved[1]) / step, atol=2e-3)
    only = model.layers[1].trainable_variables
    last = model.gradients(X, Y, W, wrt=only)
    np.testing.assert_allclose(
        last[1], [np.mean(2 * W[:, None] * (model.predict(X) - Y))], rtol=1e-4, atol=1e-6
    )
    with pytest.raises(ValueError, match="wrt='output'"):
        model.gradients(X, Y, wrt="output")
