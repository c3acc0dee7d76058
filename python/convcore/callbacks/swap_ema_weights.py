"""Evaluates with averaged weights while training goes on with its own."""

from .callback import Callback


class SwapEMAWeights(Callback):
    """Exchanges the weights and the optimizer's moving averages of them (`use_ema=True`) around evaluation.

    Args:
        swap_on_epoch: Whether the averages also stay in the model from the end of an epoch to the beginning
            of the next, where callbacks that save it find them.
    """

    def __init__(self, swap_on_epoch=False):
        super().__init__()
        self.swap_on_epoch = swap_on_epoch
        self._averaged = False  # whether the averages are in the model

    def _set(self, averaged):
        """Brings the averages into the model, or the weights back."""
        if averaged == self._averaged:
            return
        for variable, average in self._averages():
            own = variable.numpy()
            variable.assign(average.numpy())
            average.assign(own)
        self._averaged = averaged

    def _averages(self):
        """(variable, average) of all that the optimizer, or those that it wraps, keep."""
        parts = [part for part in self.model.optimizer.parts if part.use_ema]
        if not parts:
            raise ValueError(
                "SwapEMAWeights must be used when `use_ema=True` is set on the optimizer. "
                f"Received: {self.model.optimizer} without it"
            )
        return [pair for part in parts for pair in part.averages()]

    def on_epoch_begin(self, epoch, logs=None):
        if self.swap_on_epoch:
            self._set(False)

    def on_epoch_end(self, epoch, logs=None):
        if not self.swap_on_epoch:
            return
        self._set(True)
        if epoch == self.params["epochs"] - 1:
            # The end of training writes the averages into the model, where they are already.
            for variable, average in self._averages():
                average.assign(variable.numpy())

    def on_test_begin(self, logs=None):
        self._set(True)

    def on_test_end(self, logs=None):
        self._set(False)

    def on_predict_begin(self, logs=None):
        self._set(True)

    def on_predict_end(self, logs=None):
        self._set(False)
