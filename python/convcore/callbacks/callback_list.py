"""Calls a list of callbacks in order, and knows which hooks nobody listens to."""

from .callback import Callback
from .history import History
from .progress_bar_logger import ProgbarLogger

# A hook counts as unused by a callback that overrides none of these.
BATCH_HOOKS = {
    "on_train_batch_begin": ("on_train_batch_begin", "on_batch_begin"),
    "on_train_batch_end": ("on_train_batch_end", "on_batch_end"),
    "on_test_batch_begin": ("on_test_batch_begin",),
    "on_test_batch_end": ("on_test_batch_end",),
    "on_predict_batch_begin": ("on_predict_batch_begin",),
    "on_predict_batch_end": ("on_predict_batch_end",),
}


def overrides(callback, name):
    """Whether a callback defines this hook itself (in its class or on the object)."""
    own = getattr(callback, name, None)
    return own is not None and getattr(own, "__func__", own) is not getattr(Callback, name)


class CallbackList(Callback):
    """The user's callbacks in their order, then History, then the progress bar.

    Args:
        callbacks: A callback, or a list of them.
        add_history: Whether to add a `History` if there is none.
        add_progbar: Whether to add a progress bar if there is none.
        model: The model that the callbacks work on.
        **params: `verbose`, `epochs`, `steps`.
    """

    def __init__(self, callbacks=None, add_history=False, add_progbar=False, model=None, **params):
        super().__init__()
        if callbacks is None:
            callbacks = []
        elif not isinstance(callbacks, list | tuple):
            callbacks = [callbacks]
        self.callbacks = list(callbacks)
        for callback in self.callbacks:
            if not isinstance(callback, Callback):
                raise ValueError(
                    f"`callbacks` must be Callback objects or a list of them. Received: {callback!r}"
                )
        self._add_history(add_history)
        if add_progbar and not any(isinstance(callback, ProgbarLogger) for callback in self.callbacks):
            self.callbacks.append(ProgbarLogger())
        if model is not None:
            self.set_model(model)
        self.set_params(params)
        self._listeners = {
            hook: [c for c in self.callbacks if any(overrides(c, name) for name in names)]
            for hook, names in BATCH_HOOKS.items()
        }

    def _add_history(self, wanted):
        known = [callback for callback in self.callbacks if isinstance(callback, History)]
        self._history = known[0] if known else None
        if self._history is None and wanted:
            self._history = History()
            self.callbacks.append(self._history)

    def append(self, callback):
        self.callbacks.append(callback)
        for hook, names in BATCH_HOOKS.items():
            if any(overrides(callback, name) for name in names):
                self._listeners[hook].append(callback)

    def __iter__(self):
        return iter(self.callbacks)

    def set_params(self, params):
        self.params = params
        if params:
            for callback in self.callbacks:
                callback.set_params(params)

    def set_model(self, model):
        super().set_model(model)
        if self._history is not None:
            model.history = self._history
        for callback in self.callbacks:
            callback.set_model(model)

    def caller(self, hook):
        """The method for this batch hook if any callback overrides it, else None."""
        return getattr(self, hook) if self._listeners[hook] else None

    def _batch(self, hook, batch, logs):
        for callback in self._listeners[hook]:
            getattr(callback, hook)(batch, {} if logs is None else logs)

    def on_train_batch_begin(self, batch, logs=None):
        self._batch("on_train_batch_begin", batch, logs)

    def on_train_batch_end(self, batch, logs=None):
        self._batch("on_train_batch_end", batch, logs)

    def on_test_batch_begin(self, batch, logs=None):
        self._batch("on_test_batch_begin", batch, logs)

    def on_test_batch_end(self, batch, logs=None):
        self._batch("on_test_batch_end", batch, logs)

    def on_predict_batch_begin(self, batch, logs=None):
        self._batch("on_predict_batch_begin", batch, logs)

    def on_predict_batch_end(self, batch, logs=None):
        self._batch("on_predict_batch_end", batch, logs)

    def on_batch_begin(self, batch, logs=None):
        for callback in self.callbacks:
            callback.on_batch_begin(batch, logs or {})

    def on_batch_end(self, batch, logs=None):
        for callback in self.callbacks:
            callback.on_batch_end(batch, logs or {})

    def on_epoch_begin(self, epoch, logs=None):
        self._each("on_epoch_begin", epoch, logs=logs)

    def on_epoch_end(self, epoch, logs=None):
        self._each("on_epoch_end", epoch, logs=logs)

    def on_train_begin(self, logs=None):
        self._each("on_train_begin", logs=logs)

    def on_train_end(self, logs=None):
        self._each("on_train_end", logs=logs)

    def on_test_begin(self, logs=None):
        self._each("on_test_begin", logs=logs)

    def on_test_end(self, logs=None):
        self._each("on_test_end", logs=logs)

    def on_predict_begin(self, logs=None):
        self._each("on_predict_begin", logs=logs)

    def on_predict_end(self, logs=None):
        self._each("on_predict_end", logs=logs)

    def _each(self, hook, *args, logs=None):
        logs = {} if logs is None else logs
        for callback in self.callbacks:
            getattr(callback, hook)(*args, logs)
