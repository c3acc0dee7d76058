"""Saves the model during training."""

import os
import warnings

import numpy as np

from .monitor import MonitorCallback


class ModelCheckpoint(MonitorCallback):
    """Saves the model, or its weights, after epochs or batches.

    Args:
        filepath: The file; may hold `{epoch}` (counted from 1), `{batch}` and names of results, e.g.
            `"{epoch:02d}-{val_loss:.2f}.keras"`.
        monitor: Name of the result that decides with `save_best_only`.
        verbose: 1 to print a line when it saves.
        save_best_only: Whether to save only when the result has improved (always if there is no such result).
        save_weights_only: Whether to save weights (`.weights.h5`) instead of the model (`.keras`, `.h5`).
        mode: `"min"`, `"max"` or `"auto"`.
        save_freq: `"epoch"`, or a number of batches.
        initial_value_threshold: Value that counts as the best at the start.
    """

    state = ("best", "_epoch", "_batches", "_last_batch")

    def __init__(
        self,
        filepath,
        monitor="val_loss",
        verbose=0,
        save_best_only=False,
        save_weights_only=False,
        mode="auto",
        save_freq="epoch",
        initial_value_threshold=None,
    ):
        super().__init__(monitor, mode, initial_value_threshold)
        self.filepath = os.fspath(filepath)
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.save_freq = save_freq
        if save_freq != "epoch" and not isinstance(save_freq, int):
            raise ValueError(
                f"Unrecognized save_freq: expected 'epoch' or a number of batches. Received: {save_freq!r}"
            )
        endings = (".weights.h5",) if save_weights_only else (".keras", ".h5")
        if not self.filepath.endswith(endings):
            raise ValueError(
                f"The filepath must end in {' or '.join(endings)}. Received: filepath={self.filepath}"
            )
        self._epoch = 0
        self._batches = 0  # since the last saving
        self._last_batch = -1

    def on_epoch_begin(self, epoch, logs=None):
        self._epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.save_freq == "epoch":
            return
        # With `steps_per_execution` this is called once for several batches.
        self._batches += batch - self._last_batch if batch > self._last_batch else batch + 1
        self._last_batch = batch
        if self._batches >= self.save_freq:
            self._batches = 0
            self._save(self._epoch, batch, logs)

    def on_epoch_end(self, epoch, logs=None):
        if self.save_freq == "epoch":
            self._save(epoch, None, logs)

    def _save(self, epoch, batch, logs):
        logs = logs or {}
        path = self._path(epoch, batch, logs)
        reason = self._reason(logs)
        if reason is None:
            self._print(epoch, f"{self.monitor} did not improve from {as_text(self.best)}")
            return
        self._print(epoch, f"{reason}saving model to {path}")
        if os.path.isdir(path):
            raise OSError(f"ModelCheckpoint: expected the path of a file. Received: the folder {path}")
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        if self.save_weights_only:
            self.model.save_weights(path, overwrite=True)
        else:
            self.model.save(path, overwrite=True)
        self._print(epoch, f"finished saving model to {path}")

    def _reason(self, logs):
        """Why to save, as the beginning of a line; None for not to."""
        if not self.save_best_only:
            return ""
        current = logs.get(self.monitor)
        if current is None or np.ndim(current) > 0:
            what = "not available" if current is None else f"no single number, but {current}"
            warnings.warn(
                f"Can save best model only with {self.monitor} available. It is {what}: saving every time. "
                f"Available: {','.join(logs)}",
                stacklevel=4,
            )
            return ""
        if not self._is_improvement(current, self.best):
            return None
        before, self.best = as_text(self.best), current
        return f"{self.monitor} improved from {before} to {as_text(current)}, "

    def _print(self, epoch, text):
        if self.verbose > 0:
            print(f"\nEpoch {epoch + 1}: {text}")

    def _path(self, epoch, batch, logs):
        try:
            if batch is None or "batch" in logs:
                return self.filepath.format(epoch=epoch + 1, **logs)
            return self.filepath.format(epoch=epoch + 1, batch=batch + 1, **logs)
        except KeyError as error:
            raise KeyError(
                f"Failed to format filepath {self.filepath!r}: no result of the name {error}. Available: "
                f"{sorted(logs)}"
            ) from error


def as_text(value):
    return "None" if value is None else f"{value:.5f}"
