"""Compiling, fitting, evaluating and predicting: the part of a model that runs over data."""

import warnings

import numpy as np

from ..callbacks import CallbackList
from . import prediction
from .data_adapters import (
    ArrayAdapter,
    checks,
    class_weight_to_sample_weights,
    get_adapter,
    is_batch_source,
    split_validation,
    unpack_x_y_sample_weight,
)
from .epochs import Epochs
from .stepping import Stepping
from .steps import as_logs


class Trainer(Stepping):
    """What models know about training: loops over data around the recorded steps."""

    def fit(
        self,
        x=None,
        y=None,
        batch_size=None,
        epochs=1,
        verbose="auto",
        callbacks=None,
        validation_split=0.0,
        validation_data=None,
        shuffle=True,
        class_weight=None,
        sample_weight=None,
        initial_epoch=0,
        steps_per_epoch=None,
        validation_steps=None,
        validation_batch_size=None,
        validation_freq=1,
    ):
        """Trains the model over the data.

        Args:
            x: Inputs: arrays (or lists, dicts of them), a `PyDataset`, or a generator of batches.
            y: Targets, unless `x` brings them.
            batch_size: Samples per batch; 32 by default.
            epochs: Number of the epoch to stop before.
            verbose: 0 for silence, 1 (`"auto"`) for a progress bar, 2 for one line per epoch.
            callbacks: `Callback` objects.
            validation_split: Fraction of the samples, at their end, to validate with.
            validation_data: (x, y) or (x, y, sample_weight) to validate with, or a source of batches.
            shuffle: Whether to draw a new order of the samples each epoch; `"batch"` only inside batches.
            class_weight: Dict from class to the weight of its samples in the loss.
            sample_weight: Weight of each sample in the loss.
            initial_epoch: Number of the first epoch.
            steps_per_epoch: Batches per epoch; one pass over the data by default.
            validation_steps: Batches to validate with.
            validation_batch_size: Samples per batch of validation.
            validation_freq: Validate every this many epochs, or after the epochs in a list (counted from 1).

        Returns:
            The `History` with the results of every epoch.
        """
        self._assert_compiled("fit")
        if class_weight is not None and sample_weight is not None:
            raise ValueError("fit: you cannot pass both `class_weight` and `sample_weight`.")
        if validation_split and validation_data is None:
            if is_batch_source(x):
                raise ValueError(
                    "fit: `validation_split` is only supported for arrays. Pass `validation_data` instead."
                )
            head, validation_data = split_validation(x, y, sample_weight, validation_split, "fit")
            x, y, sample_weight = head
        adapter = get_adapter(x, y, sample_weight, batch_size, steps_per_epoch, shuffle, class_weight, "fit")
        self._prepare(adapter, "fit: argument `y`")
        validation = None
        if validation_data is not None:
            size = validation_batch_size or batch_size
            validation = self._validation(validation_data, size, validation_steps)
        data = Epochs(adapter, steps_per_epoch)
        if not isinstance(callbacks, CallbackList):
            parameters = {
                "verbose": standardize_verbose(verbose),
                "epochs": epochs,
                "steps": data.num_batches,
            }
            callbacks = CallbackList(
                callbacks, add_history=True, add_progbar=verbose != 0, model=self, **parameters
            )
        self.stop_training = False
        try:
            self._run_epochs(range(initial_epoch, epochs), data, callbacks, validation, validation_freq)
        finally:
            self.optimizer.finalize_variable_values(self.trainable_weights)
        return self.history

    def _run_epochs(self, epochs, data, callbacks, validation, validation_freq):
        callbacks.on_train_begin()
        logs = {}
        for epoch in epochs:
            self.reset_metrics()
            callbacks.on_epoch_begin(epoch)
            batch_logs = self._run_batches("train", data, callbacks)
            if batch_logs is None:
                warnings.warn("Your input ran out of data; interrupting training.", stacklevel=3)
                break
            logs = dict(batch_logs)
            if validation is not None and due(epoch, validation_freq):
                results = self._evaluate(validation, callbacks)
                logs.update({f"val_{name}": value for name, value in results.items()})
                logs = dict(sorted(logs.items()))
            callbacks.on_epoch_end(epoch, logs)
            if self.stop_training:
                break
        callbacks.on_train_end(logs)

    def _run_batches(self, kind, data, callbacks):
        """One pass; returns the logs after the last batch, None if there was no batch."""
        step, pack = self._step(kind).bound(data.adapter)
        begin = (
            getattr(callbacks, f"on_{kind}_batch_begin")
            if callbacks.listens(f"on_{kind}_batch_begin")
            else None
        )
        end = (
            getattr(callbacks, f"on_{kind}_batch_end") if callbacks.listens(f"on_{kind}_batch_end") else None
        )
        checked = data.adapter.structure is not None
        optimizer = self.optimizer if kind == "train" else None
        results = None
        for number, batch in enumerate(data):
            if begin is not None:
                begin(number)
            if not checked:
                self._check_labels(batch[1], f"batch {number}: targets")
            if optimizer is not None:
                optimizer.refresh_learning_rate()
            results = step(batch)
            if end is not None:
                end(number, as_logs(pack(results)))
            if self.stop_training:
                break
        return None if results is None else as_logs(pack(results))

    def _validation(self, validation_data, batch_size, steps):
        if is_batch_source(validation_data):
            x, y, sample_weight = validation_data, None, None
        elif isinstance(validation_data, list | tuple) and len(validation_data) in (2, 3):
            x, y, sample_weight = unpack_x_y_sample_weight(validation_data)
        else:
            raise ValueError(
                "fit: `validation_data` must be (x, y), (x, y, sample_weight), or a source of batches. "
                f"Received: {type(validation_data).__name__}"
            )
        where = "fit: validation_data"
        adapter = get_adapter(x, y, sample_weight, batch_size, steps, False, None, where)
        self._check_adapter_labels(adapter, f"{where}: targets")
        return Epochs(adapter, steps)

    def evaluate(
        self,
        x=None,
        y=None,
        batch_size=None,
        verbose="auto",
        sample_weight=None,
        steps=None,
        callbacks=None,
        return_dict=False,
        **kwargs,
    ):
        """The loss and the metrics over the data, in inference mode.

        Args:
            x: Inputs, as for `fit`.
            y: Targets.
            batch_size: Samples per batch; 32 by default.
            verbose: 0 for silence, 1 (`"auto"`) for a progress bar, 2 for one line.
            sample_weight: Weight of each sample.
            steps: Number of batches.
            callbacks: `Callback` objects.
            return_dict: Whether to return a dict by name instead of a list.
        """
        if kwargs:
            raise ValueError(f"evaluate: argument(s) not recognized: {kwargs}")
        self._assert_compiled("evaluate")
        adapter = get_adapter(x, y, sample_weight, batch_size, steps, False, None, "evaluate")
        self._prepare(adapter, "evaluate: argument `y`")
        data = Epochs(adapter, steps)
        if not isinstance(callbacks, CallbackList):
            parameters = {"verbose": standardize_verbose(verbose), "epochs": 1, "steps": data.num_batches}
            callbacks = CallbackList(callbacks, add_progbar=verbose != 0, model=self, **parameters)
        self.stop_training = False
        logs = self._evaluate(data, callbacks)
        return logs if return_dict else self._in_order(logs)

    def _evaluate(self, data, callbacks):
        self.reset_metrics()
        data.reset()
        stopped, self.stop_training = self.stop_training, False
        callbacks.on_test_begin()
        logs = self._run_batches("test", data, callbacks) or {}
        callbacks.on_test_end(logs)
        self.stop_training = self.stop_training or stopped
        return logs

    def predict(self, x, batch_size=None, verbose="auto", steps=None, callbacks=None):
        """The outputs for all samples, in inference mode.

        Args:
            x: Inputs, as for `fit`.
            batch_size: Samples per batch; 32 by default. The results do not depend on it.
            verbose: 0 (`"auto"`) for silence, 1 for a progress bar, 2 for one line.
            steps: Number of batches.
            callbacks: `Callback` objects.
        """
        silent = callbacks is None and steps is None and verbose in ("auto", 0)
        if silent and type(x) is np.ndarray and 0 < len(x if x.ndim else ()) <= (batch_size or 32):
            checks.check_finite(x, "predict: argument `x`")
            return self._step("predict").traced(x)
        adapter = get_adapter(x, None, None, batch_size, steps, False, None, "predict")
        data = Epochs(adapter, steps)
        if not isinstance(callbacks, CallbackList):
            verbose = 0 if verbose == "auto" else verbose
            parameters = {"verbose": verbose, "epochs": 1, "steps": data.num_batches}
            callbacks = CallbackList(callbacks, add_progbar=verbose != 0, model=self, **parameters)
        return prediction.run(self._step("predict").traced, data, callbacks, self)

    # Single batches

    def train_on_batch(self, x, y=None, sample_weight=None, class_weight=None, return_dict=False):
        """One step of training on one batch; returns the results of this batch."""
        self._assert_compiled("train_on_batch")
        if class_weight is not None:
            if sample_weight is not None:
                raise ValueError("train_on_batch: you cannot pass both `class_weight` and `sample_weight`.")
            sample_weight = class_weight_to_sample_weights(y, class_weight)
        return self._single("train", x, y, sample_weight, return_dict)

    def test_on_batch(self, x, y=None, sample_weight=None, return_dict=False):
        """The loss and the metrics of one batch."""
        self._assert_compiled("test_on_batch")
        return self._single("test", x, y, sample_weight, return_dict)

    def predict_on_batch(self, x):
        """The outputs for one batch."""
        if type(x) is np.ndarray and x.ndim and len(x):
            checks.check_finite(x, "predict_on_batch: argument `x`")
            return self._step("predict").traced(x)
        adapter = ArrayAdapter(x, batch_size=1, where="predict_on_batch")
        return self._step("predict").traced(adapter.data[0])

    def _single(self, kind, x, y, sample_weight, return_dict):
        where = f"{kind}_on_batch"
        adapter = ArrayAdapter(x, y, sample_weight, batch_size=2**31, where=where)
        self._prepare(adapter, f"{where}: argument `y`")
        self.reset_metrics()
        if kind == "train":
            self.optimizer.refresh_learning_rate()
        logs = as_logs(self._step(kind)(*adapter.data))
        return logs if return_dict else self._in_order(logs)

    def _in_order(self, logs):
        """A list: the loss, metrics in the order of `compile`, losses per output, then the rest by name; or
        one number.
        """
        names: list[str] = []
        for metric in self.metrics:
            inner = metric.metrics if metric is self._compile_metrics else [metric]
            names.extend(m.name for m in inner)
        values = [logs[name] for name in names if name in logs]
        values += [logs[name] for name in sorted(logs) if name not in names]
        return values[0] if len(values) == 1 else values


def due(epoch, frequency):
    """Whether to validate after this epoch (counted from 0)."""
    if isinstance(frequency, int):
        return (epoch + 1) % frequency == 0
    return epoch + 1 in frequency


def standardize_verbose(verbose):
    return 1 if verbose == "auto" else int(verbose)
