"""A run that was interrupted and resumed computes the same bits as one that was not."""

import os
import signal

import convcore
import numpy as np
import pytest
from convcore import callbacks, layers

RNG = np.random.default_rng(41)
X = RNG.normal(size=(40, 8, 8, 1)).astype("float32")
Y = RNG.integers(0, 3, 40)


class Interrupt(callbacks.Callback):
    """Stands for a machine that goes down in the given epoch, after the given batch or after the epoch."""

    def __init__(self, epoch, batch=None):
        super().__init__()
        self.at = epoch, batch
        self.epoch = None

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch
        if self.at == (epoch, None):
            raise ConnectionError("down")

    def on_train_batch_end(self, batch, logs=None):
        if self.at == (self.epoch, batch):
            raise ConnectionError("down")


class Batches(convcore.utils.PyDataset):
    def __len__(self):
        return 5

    def __getitem__(self, i):
        part = slice(8 * i, 8 * i + 8)
        noise = np.random.normal(size=X[part].shape).astype("float32")  # drawn while training
        return X[part] + 0.1 * noise, Y[part]


def network():
    model = convcore.Sequential(
        [
            layers.Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.3),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ]
    )
    optimizer = convcore.optimizers.Adam(0.01, use_ema=True, ema_overwrite_frequency=7)
    metrics = ["accuracy", convcore.metrics.F1Score()]
    model.compile(optimizer, "ce", metrics=metrics[:1])
    return model


def fit(folder, extra=(), seed=1, source="arrays", **arguments):
    """A run with callbacks of every kind that keep state; returns the model and them."""
    convcore.utils.set_random_seed(seed)
    model = network()
    early = callbacks.EarlyStopping("loss", patience=50, restore_best_weights=True)
    plateau = callbacks.ReduceLROnPlateau("accuracy", factor=0.5, patience=1, cooldown=1, mode="max")
    scheduler = callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.9)
    listed = [scheduler, *extra, early, plateau]
    data = (X, Y) if source == "arrays" else (Batches(),)
    model.fit(*data, epochs=6, batch_size=8, verbose=0, callbacks=listed, **arguments)
    return model, early, plateau


CASES = {
    "after_an_epoch": ({}, "epoch", Interrupt(3)),
    "in_an_epoch": ({}, 2, Interrupt(2, 3)),
    "at_the_end_of_an_epoch": ({}, 5, Interrupt(3, 0)),
    "steps_that_end_in_a_pass": ({"steps_per_epoch": 3}, "epoch", Interrupt(4, 1)),
    "inside_such_steps": ({"steps_per_epoch": 3}, 1, Interrupt(3, 1)),
    "dataset": ({"source": "dataset"}, 3, Interrupt(2, 2)),
    "shuffled_in_batches": ({"shuffle": "batch"}, 4, Interrupt(4, 2)),
}


@pytest.mark.filterwarnings("ignore:Your input ran out of data", "ignore::UserWarning")
@pytest.mark.parametrize("name", CASES)
def test_resumed_run_is_bit_equal(name, tmp_path):
    arguments, save_freq, interrupt = CASES[name]
    whole, early, plateau = fit(tmp_path, **arguments)
    folder = tmp_path / "backup"

    def backup():
        return callbacks.BackupAndRestore(folder, save_freq=save_freq)

    with pytest.raises(ConnectionError):
        fit(tmp_path, [backup(), interrupt], **arguments)
    assert os.path.exists(folder)
    # Another process: other names, other random numbers, other initial weights.
    resumed, early_again, plateau_again = fit(tmp_path, [backup()], seed=99, **arguments)
    assert resumed.history.epoch == whole.history.epoch[-len(resumed.history.epoch) :]
    assert 0 < len(resumed.history.epoch) < 6
    for key, values in whole.history.history.items():
        assert resumed.history.history[key] == values[-len(resumed.history.epoch) :], key
    for expected, actual in zip(whole.variables, resumed.variables, strict=True):
        np.testing.assert_array_equal(actual.numpy(), expected.numpy(), err_msg=expected.path)
    for expected, actual in zip(whole.optimizer.variables, resumed.optimizer.variables, strict=True):
        np.testing.assert_array_equal(actual.numpy(), expected.numpy(), err_msg=expected.path)
    assert (early_again.best, early_again.best_epoch) == (early.best, early.best_epoch)
    assert plateau_again.get_state() == plateau.get_state()
    assert not os.path.exists(folder)


def test_state_made_at_the_first_batch_is_restored(tmp_path):
    """F1Score knows its shape with the first batch only."""

    def run(seed, *listed):
        convcore.utils.set_random_seed(seed)
        model = network()
        model.compile("adam", "categorical_crossentropy", metrics=[convcore.metrics.F1Score()])
        one_hot = np.eye(3, dtype="float32")[Y]
        return model.fit(X, one_hot, epochs=2, batch_size=8, verbose=0, callbacks=list(listed)).history

    expected = run(1)
    with pytest.raises(ConnectionError):
        run(1, callbacks.BackupAndRestore(tmp_path / "b", 2), Interrupt(1, 3))
    actual = run(2, callbacks.BackupAndRestore(tmp_path / "b", 2))
    assert actual["loss"] == expected["loss"][1:]
    np.testing.assert_array_equal(actual["f1_score"][0], expected["f1_score"][1])


def test_the_last_but_one_backup_serves_where_the_last_is_damaged(tmp_path):
    folder = tmp_path / "backup"
    backup = callbacks.BackupAndRestore(folder, double_checkpoint=True, delete_checkpoint=False)
    whole, _, _ = fit(tmp_path, [backup])
    files = sorted(os.listdir(folder))
    assert len([name for name in files if name.endswith(".h5")]) == 2
    (folder / "backup_6.weights.h5").write_bytes(b"damaged")
    resumed, _, _ = fit(tmp_path, [backup], seed=5)
    assert resumed.history.epoch == [5]
    for expected, actual in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_array_equal(actual, expected)


def test_arguments():
    with pytest.raises(ValueError, match="backup_dir"):
        callbacks.BackupAndRestore("")
    with pytest.raises(ValueError, match="save_freq"):
        callbacks.BackupAndRestore("b", save_freq=False)
    model = convcore.Sequential([layers.Dense(1)])
    model.compile("sgd", "mse")
    backup = callbacks.BackupAndRestore("b")
    backup.set_model(model)
    with pytest.raises(ValueError, match="built"):
        backup.on_train_begin()


def test_ctrl_c_keeps_the_model(request):
    """The signal comes in the middle of an epoch; the weights are those after the batch that was running."""
    # A process that was started in the background ignores the signal.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))

    class Press(callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 2:
                os.kill(os.getpid(), signal.SIGINT)

    convcore.utils.set_random_seed(1)
    model = network()
    start = model.get_weights()
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, batch_size=8, epochs=3, verbose=0, shuffle=False, callbacks=[Press()])
    assert int(model.optimizer.iterations) in (3, 4)
    assert any((a != b).any() for a, b in zip(start, model.get_weights(), strict=True))
    model.fit(X, Y, batch_size=8, epochs=1, verbose=0)
    assert np.isfinite(model.evaluate(X, Y, verbose=0)[0])
