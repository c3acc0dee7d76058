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
        optimizer = self.model.optimizer
        if not optimizer.use_ema:
            raise ValueError(
                "SwapEMAWeights must be used when `use_ema=True` is set on the optimizer. "
                f"Received: use_ema={optimizer.use_ema}"
            )
        for variable, average in zip(
            optimizer._trainable_variables, optimizer._model_variables_moving_average, strict=True
        ):
            own = variable.numpy()
            variable.assign(average.numpy())
            average.assign(own)
        self._averaged = averaged

    def on_epoch_begin(self, epoch, logs=None):
        if self.swap_on_epoch:
            self._set(False)

    def on_epoch_end(self, epoch, logs=None):
        if not self.swap_on_epoch:
            return
        self._set(True)
        if epoch == self.params["epochs"] - 1:
            # The end of training writes the averages into the model, where they are already.
            optimizer = self.model.optimizer
            for variable, average in zip(
                optimizer._trainable_variables, optimizer._model_variables_moving_average, strict=True
            ):
                average.assign(variable.numpy())

    def on_test_begin(self, logs=None):
        self._set(True)

    def on_test_end(self, logs=None):
        self._set(False)

    def on_predict_begin(self, logs=None):
        self._set(True)

    def on_predict_end(self, logs=None):
        self._set(False)
