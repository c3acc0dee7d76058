"""The callback that drives the progress bar."""

import sys

from .callback import Callback
from .progress_bar import ProgressBar


class ProgbarLogger(Callback):
    """Shows the progress and the results of training, evaluation or prediction on standard output."""

    def __init__(self):
        super().__init__()
        self.target = None
        self.verbose = 1
        self.epochs = 1
        self._in_fit = False
        self._start_bar()

    def set_params(self, params):
        verbose = params.get("verbose", 1)
        self.verbose = 1 if verbose == "auto" else verbose
        self.epochs = params.get("epochs") or 1
        self.target = params.get("steps")

    def _start_bar(self):
        self.seen = 0
        self.bar = ProgressBar(self.target, self.verbose)

    def on_train_begin(self, logs=None):
        self._in_fit = True

    def on_test_begin(self, logs=None):
        if not self._in_fit:
            self._start_bar()

    def on_predict_begin(self, logs=None):
        self._start_bar()

    def on_epoch_begin(self, epoch, logs=None):
        self._start_bar()
        if self.verbose and self.epochs > 1:
            sys.stdout.write(f"Epoch {epoch + 1}/{self.epochs}\n")
            sys.stdout.flush()

    def on_train_batch_end(self, batch, logs=None):
        self._show(batch, logs)

    def on_test_batch_end(self, batch, logs=None):
        if not self._in_fit:
            self._show(batch, logs)

    def on_predict_batch_end(self, batch, logs=None):
        self._show(batch, None)

    def on_epoch_end(self, epoch, logs=None):
        self._finish(logs)

    def on_train_end(self, logs=None):
        self._in_fit = False

    def on_test_end(self, logs=None):
        if not self._in_fit:
            self._finish(logs)

    def on_predict_end(self, logs=None):
        self._finish(None)

    def _show(self, batch, logs):
        self.seen = batch + 1
        if self.verbose == 1:
            self.bar.update(self.seen, (logs or {}).items())

    def _finish(self, logs):
        if self.target is None:
            self.target = self.bar.target = self.seen
        self.bar.update(self.target, (logs or {}).items(), finalize=True)
