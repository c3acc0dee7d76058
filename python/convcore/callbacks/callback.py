"""The base class of callbacks: hooks around training, evaluation and prediction."""

from typing import Any


class Callback:
    """Base class of callbacks; every hook may be overridden.

    Attributes:
        params: Dict with `verbose`, `epochs` and `steps`.
        model: The model that is being trained, evaluated or used.

    `logs` hold running results: batch logs are means since the beginning of the epoch. A callback may change
    them for the callbacks after it. A training loop stops after the batch in which a callback sets
    `self.model.stop_training = True`.
    """

    params: Any

    def __init__(self):
        self.params = None
        self._model = None

    def set_params(self, params):
        self.params = params

    def set_model(self, model):
        self._model = model

    @property
    def model(self):
        return getattr(self, "_model", None)

    def get_state(self):
        """What the rest of a training run depends on, as a dict of numbers, strings, arrays, lists and dicts;
        `BackupAndRestore` keeps it.
        """
        return {}

    def set_state(self, state):
        """Takes what `get_state` returned, after the hooks of the beginning of training."""

    def on_batch_begin(self, batch, logs=None):
        """An alias of `on_train_batch_begin`."""

    def on_batch_end(self, batch, logs=None):
        """An alias of `on_train_batch_end`."""

    def on_epoch_begin(self, epoch, logs=None):
        """Called at the start of an epoch of training."""

    def on_epoch_end(self, epoch, logs=None):
        """Called at the end of an epoch, after validation; `logs` then hold `val_` keys too."""

    def on_train_batch_begin(self, batch, logs=None):
        """Called before a training batch."""
        self.on_batch_begin(batch, logs=logs)

    def on_train_batch_end(self, batch, logs=None):
        """Called after a training batch."""
        self.on_batch_end(batch, logs=logs)

    def on_test_batch_begin(self, batch, logs=None):
        """Called before a batch of evaluation."""

    def on_test_batch_end(self, batch, logs=None):
        """Called after a batch of evaluation."""

    def on_predict_batch_begin(self, batch, logs=None):
        """Called before a batch of prediction."""

    def on_predict_batch_end(self, batch, logs=None):
        """Called after a batch of prediction; `logs` hold `outputs`."""

    def on_train_begin(self, logs=None):
        """Called at the start of training."""

    def on_train_end(self, logs=None):
        """Called at the end of training, with the logs of the last epoch."""

    def on_test_begin(self, logs=None):
        """Called at the start of evaluation or validation."""

    def on_test_end(self, logs=None):
        """Called at the end of evaluation or validation."""

    def on_predict_begin(self, logs=None):
        """Called at the start of prediction."""

    def on_predict_end(self, logs=None):
        """Called at the end of prediction."""
