"""Keeps the state of a training run on disk, and goes on from it after an interruption."""

import json
import os

from ..saving.atomic import atomic_write
from . import state_file
from .callback import Callback

METADATA = "training_metadata.json"
PREVIOUS = METADATA + ".bkp"


class BackupAndRestore(Callback):
    """Backs the training state up; a new `fit` with the same arguments goes on from the last backup.

    The state is all that the rest of the run depends on: weights, optimizer, random numbers, the place in the
    data, the metrics of the epoch, and what other callbacks keep (`Callback.get_state`: best value, patience,
    best weights). The resumed run computes the same bits as one that was never interrupted, provided the data
    can be passed over again from the start (arrays, `PyDataset`, iterables; a generator goes on with what it
    yields next). A backup is complete or it is not there.

    Args:
        backup_dir: Folder for the backup alone.
        save_freq: `"epoch"`, or a number of batches between two backups.
        double_checkpoint: Whether to keep the last but one backup too, for when the last cannot be read.
        delete_checkpoint: Whether to delete the folder at the end of training.
    """

    def __init__(self, backup_dir, save_freq="epoch", double_checkpoint=False, delete_checkpoint=True):
        super().__init__()
        if not backup_dir:
            raise ValueError(
                f"BackupAndRestore: Empty `backup_dir` argument passed, expected a folder. Received: "
                f"backup_dir={backup_dir!r}"
            )
        if save_freq != "epoch" and (not isinstance(save_freq, int) or isinstance(save_freq, bool)):
            raise ValueError(
                "BackupAndRestore: Invalid value for `save_freq`: expected 'epoch' or a number of batches. "
                f"Received: save_freq={save_freq!r}"
            )
        self.backup_dir = os.fspath(backup_dir)
        self.save_freq = save_freq
        self.double_checkpoint = double_checkpoint
        self.delete_checkpoint = delete_checkpoint
        self._last_batch = -1
        self._unsaved = 0

    def _path(self, name):
        return os.path.join(self.backup_dir, name)

    def on_train_begin(self, logs=None):
        if not self.model.built:
            raise ValueError(
                f"BackupAndRestore: the model must be built before fit(). {self.model.name!r} has no weights "
                "yet: give it an Input, or call it on a batch of data."
            )
        self._last_batch, self._unsaved = -1, 0
        if os.path.exists(self._path(METADATA)):
            self._run().after_hooks(self._restore)

    def _run(self):
        run = self.model.__dict__.get("_fit_run")
        if run is None:
            raise RuntimeError("BackupAndRestore works inside fit() only.")
        return run

    def _restore(self):
        from zipfile import BadZipFile

        try:
            self._restore_from(METADATA)
        except (OSError, ValueError, EOFError, BadZipFile):
            if not os.path.exists(self._path(PREVIOUS)):
                raise
            self._restore_from(PREVIOUS)

    def _restore_from(self, metadata):
        names = self._names(metadata)
        weights, state = (self._path(os.path.basename(names[key])) for key in ("weights", "state"))
        self._run().resume(state_file.read(state), lambda: self.model.load_weights(weights))

    def on_train_batch_end(self, batch, logs=None):
        if self.save_freq == "epoch":
            return
        self._unsaved += batch - self._last_batch if batch > self._last_batch else batch + 1
        self._last_batch = batch
        if self._unsaved >= self.save_freq:
            self._unsaved = 0
            self._run().after_hooks(self._save)

    def on_epoch_end(self, epoch, logs=None):
        self._last_batch = -1
        if self.save_freq == "epoch":
            self._run().after_hooks(self._save)

    def get_state(self):
        return {"last_batch": self._last_batch, "unsaved": self._unsaved}

    def set_state(self, state):
        self._last_batch, self._unsaved = state["last_batch"], state["unsaved"]

    def _save(self):
        """Writes files under new names, then one that tells their names, then deletes the old ones: whenever
        the machine goes down, there is a complete backup.
        """
        os.makedirs(self.backup_dir, exist_ok=True)
        state = self._run().state()
        known = self._names(METADATA)
        number = int(known["number"]) + 1 if known else 1
        names = {
            "epoch": state["epoch"],
            "batch": state["batch"],
            "number": number,
            "weights": f"backup_{number}.weights.h5",
            "state": f"backup_{number}.state.npz",
        }
        self.model.save_weights(self._path(names["weights"]), overwrite=True)
        state_file.write(self._path(names["state"]), state)
        if self.double_checkpoint and known:
            self._write_names(PREVIOUS, known)
        self._write_names(METADATA, names)
        self._delete_unnamed(names, known if self.double_checkpoint else {})

    def _names(self, metadata):
        try:
            with open(self._path(metadata), encoding="utf-8") as file:
                return json.load(file)
        except FileNotFoundError:
            return {}

    def _write_names(self, metadata, names):
        with atomic_write(self._path(metadata)) as file:
            file.write(json.dumps(names).encode())

    def _delete_unnamed(self, *named):
        kept = {names.get(key) for names in named for key in ("weights", "state")}
        for name in os.listdir(self.backup_dir):
            if name.startswith("backup_") and name not in kept:
                os.unlink(self._path(name))

    def on_train_end(self, logs=None):
        if self.delete_checkpoint and os.path.exists(self.backup_dir):
            import shutil

            shutil.rmtree(self.backup_dir)
