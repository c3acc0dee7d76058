"""Saves the model during training."""

import os

from .monitor import MonitorCallback


class ModelCheckpoint(MonitorCallback):
    """Saves the model, or its weights, after epochs or batches.

    Args:
        filepath: The file; may hold `{epoch}` (counted from 1), `{batch}` and names of results, e.g.
            `"{epoch:02d}-{val_loss:.2f}.keras"`.
        monitor: Name of the result that decides with `save_best_only`.
        verbose: 1 to print a line when it saves.
        save_best_only: Whether to save only when the result has improved.
        save_weights_only: Whether to save weights (`.weights.h5`) instead of the model (`.keras`, `.h5`).
        mode: `"min"`, `"max"` or `"auto"`.
        save_freq: `"epoch"`, or a number of batches.
        initial_value_threshold: Value that counts as the best at the start.
    """

    state = ("best", "_epoch", "_batches")

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
                f"`save_freq` must be 'epoch' or a number of batches. Received: save_freq={save_freq!r}"
            )
        endings = (".weights.h5",) if save_weights_only else (".keras", ".h5")
        if not self.filepath.endswith(endings):
            raise ValueError(
                f"The filepath must end in {' or '.join(endings)}. Received: filepath={self.filepath}"
            )
        self._epoch = self._batches = 0

    def on_epoch_begin(self, epoch, logs=None):
        self._epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.save_freq == "epoch":
            return
        self._batches += 1
        if self._batches >= self.save_freq:
            self._batches = 0
            self._save(self._epoch, batch, logs)

    def on_epoch_end(self, epoch, logs=None):
        if self.save_freq == "epoch":
            self._save(epoch, None, logs)

    def _save(self, epoch, batch, logs):
        path = self._path(epoch, batch, logs or {})
        if self.save_best_only:
            current = self.value(logs)
            if current is None or not self.improved(current, self.best):
                return
            self.best = current
        if self.verbose > 0:
            print(f"\nEpoch {epoch + 1}: saving model to {path}")
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        if self.save_weights_only:
            self.model.save_weights(path, overwrite=True)
        else:
            self.model.save(path, overwrite=True)

    def _path(self, epoch, batch, logs):
        try:
            if batch is None:
                return self.filepath.format(epoch=epoch + 1, **logs)
            return self.filepath.format(epoch=epoch + 1, batch=batch + 1, **logs)
        except KeyError as error:
            raise KeyError(
                f"Failed to format filepath {self.filepath!r}: no result of the name {error}. Available: "
                f"{sorted(logs)}"
            ) from error
