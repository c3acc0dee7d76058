"""A callback made of functions."""

from .callback import Callback


class LambdaCallback(Callback):
    """Calls the given functions; they take the positional arguments of the hooks of these names.

    Args:
        on_epoch_begin: Function of (epoch, logs).
        on_epoch_end: Function of (epoch, logs).
        on_train_begin: Function of (logs).
        on_train_end: Function of (logs).
        on_train_batch_begin: Function of (batch, logs).
        on_train_batch_end: Function of (batch, logs).
        **kwargs: Functions for further hooks, by their names.
    """

    def __init__(
        self,
        on_epoch_begin=None,
        on_epoch_end=None,
        on_train_begin=None,
        on_train_end=None,
        on_train_batch_begin=None,
        on_train_batch_end=None,
        **kwargs,
    ):
        super().__init__()
        hooks = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
            **kwargs,
        }
        for name, function in hooks.items():
            if function is not None:
                setattr(self, name, function)
