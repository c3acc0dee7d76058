"""Writes the results of every epoch to a text file."""

import os
from typing import Any

import numpy as np

from .callback import Callback


class CSVLogger(Callback):
    """Writes a line per epoch: the epoch, then the logs in alphabetical order.

    Args:
        filename: The file.
        separator: What stands between two columns.
        append: Whether to continue an existing file.
    """

    def __init__(self, filename, separator=",", append=False):
        super().__init__()
        self.filename = os.fspath(filename)
        self.separator = separator
        self.append = append
        self.keys: Any = None
        self._file: Any = None

    def on_train_begin(self, logs=None):
        continued = self.append and os.path.exists(self.filename) and os.path.getsize(self.filename) > 0
        self._header = not continued
        folder = os.path.dirname(os.path.abspath(self.filename))
        if not os.path.isdir(folder):
            raise FileNotFoundError(
                f"CSVLogger: {self.filename}: expected an existing folder {folder}; received none. "
                "Create it first."
            )
        self._file = open(  # noqa: SIM115
            self.filename, "a" if self.append else "w", newline="", encoding="utf-8"
        )
        self.keys = None

    def on_epoch_end(self, epoch, logs=None):
        logs = logs or {}
        if self.keys is None:
            self.keys = sorted(logs)
            if not any(key.startswith("val_") for key in self.keys):
                self.keys += [f"val_{key}" for key in self.keys]
            import csv

            self._writer = csv.writer(self._file, delimiter=self.separator, lineterminator="\n")
            if self._header:
                self._writer.writerow(["epoch", *self.keys])
        self._writer.writerow([epoch, *(as_text(logs.get(key, "NA")) for key in self.keys)])
        self._file.flush()

    def on_train_end(self, logs=None):
        self._file.close()
        self._file = None


def as_text(value):
    if isinstance(value, str) or np.ndim(value) == 0:
        return value
    return f"[{', '.join(map(str, np.ravel(value)))}]"
