"""The record of a training run that `fit` returns."""

from .callback import Callback


class History(Callback):
    """Collects the logs of every epoch.

    Attributes:
        history: Dict from the name of a result to its values, one per epoch.
        epoch: The numbers of the epochs that were run.
    """

    def __init__(self):
        super().__init__()
        self.history = {}

    def on_train_begin(self, logs=None):
        self.epoch = []

    def on_epoch_end(self, epoch, logs=None):
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
        self.model.history = self
