"""One call of `fit`: its epochs, and its state, from which another process can go on to the same bits."""

import warnings

from . import random_state
from .epochs import due
from .steps import as_logs


class FitRun:
    """The loop over epochs.

    Args:
        model: The compiled model.
        data: `Epochs` of training data.
        callbacks: The CallbackList.
        validation: `Epochs` of validation data, or None.
        validation_freq: Validate every this many epochs, or after the epochs in a list (counted from 1).
    """

    def __init__(self, model, data, callbacks, validation=None, validation_freq=1):
        self.model = model
        self.data = data
        self.callbacks = callbacks
        self.epoch = 0
        self._validation = validation
        self._validation_freq = validation_freq
        self._actions = []
        self._within_epoch = False
        self._first = None  # (epoch, function that puts back the state inside it or None) if resumed

    def after_hooks(self, action):
        """Calls `action` when all callbacks have acted on the present event: their state is complete then."""
        self._actions.append(action)

    def settle(self):
        actions, self._actions = self._actions, []
        for action in actions:
            action()

    def run(self, epochs):
        """Runs these epochs (a range), or those of them that a resumed run has left."""
        model, callbacks = self.model, self.callbacks
        model.stop_training = False
        try:
            callbacks.on_train_begin()
            self.settle()
            logs = {}
            first = epochs.start if self._first is None else self._first[0]
            for epoch in range(first, epochs.stop):
                logs = self._run_epoch(epoch)
                if logs is None or model.stop_training:
                    break
        finally:
            if model.optimizer is not None:
                model.optimizer.finalize_variable_values(model.trainable_weights)
        callbacks.on_train_end(logs or {})

    def _run_epoch(self, epoch):
        """Returns the logs of the epoch, None if there was no data left."""
        model, callbacks = self.model, self.callbacks
        self.epoch = epoch
        model.reset_metrics()
        callbacks.on_epoch_begin(epoch)
        if self._first is not None:
            go_on, self._first = self._first[1], None
            if go_on is not None:
                go_on()
        self._within_epoch = True
        batch_logs = model._run_batches("train", self.data, callbacks, self.settle)
        self._within_epoch = False
        if batch_logs is None and self.data.done:  # resumed after the last batch of an epoch
            batch_logs = as_logs(model.get_metrics_result())
        if batch_logs is None:
            warnings.warn("Your input ran out of data; interrupting training.", stacklevel=4)
            return None
        logs = dict(batch_logs)
        if self._validation is not None and due(epoch, self._validation_freq):
            results = model._evaluate(self._validation, callbacks)
            logs.update({f"val_{name}": value for name, value in results.items()})
            logs = dict(sorted(logs.items()))
        callbacks.on_epoch_end(epoch, dict(logs))  # what callbacks add is not part of the result
        self.epoch = epoch + 1
        self.settle()
        return logs

    # Its state: everything that the rest of the run depends on, beside the weights

    def state(self):
        """Numbers, arrays and dicts; the next epoch and the batches of it that are done stand first."""
        within = self._within_epoch
        return {
            "epoch": self.epoch,
            "batch": self.data.done if within else 0,
            "random": random_state.capture(),
            "beside_weights": [v.numpy() for v in self._beside_weights()],
            "data": self.data.position(within),
            "metrics": [v.numpy() for v in self.model.metrics_variables] if within else None,
            "callbacks": [[type(c).__name__, c.get_state()] for c in self.callbacks],
        }

    def resume(self, state, load_weights):
        """Goes on from a state; to be called after the hooks of the beginning of training.

        Args:
            state: What `state()` returned.
            load_weights: A function that gives the model the weights of that moment.
        """

        def restore():
            load_weights()
            for variable, value in zip(self._beside_weights(), state["beside_weights"], strict=True):
                variable.assign(value)
            self._restore_callbacks(state["callbacks"])
            self.data.restore(state["data"])
            if state["metrics"] is not None:
                # Recording the step makes the state that metrics make at their first batch.
                self.model._step("train").traced.recorded_for(*self.data.adapter.first_batch())
                for variable, value in zip(self.model.metrics_variables, state["metrics"], strict=True):
                    variable.assign(value)
            random_state.restore(state["random"])

        restore()
        # In the middle of an epoch its beginning is called again, which may change what was restored.
        self._first = (state["epoch"], restore if state["metrics"] is not None else None)

    def _beside_weights(self):
        """The state of the model that is no part of a weights file: random numbers of its layers."""
        weights = {id(v) for v in self.model.weights}
        return [v for v in self.model.variables if id(v) not in weights]

    def _restore_callbacks(self, states):
        left = list(states)
        for callback in self.callbacks:
            for entry in left:
                if entry[0] == type(callback).__name__:
                    left.remove(entry)
                    callback.set_state(entry[1])
                    break
