"""Compiling, fitting, evaluating and predicting: the part of a model that runs over data."""

import warnings

import numpy as np

from .. import config
from ..callbacks import CallbackList
from . import prediction
from .data_adapters import (
    checks,
    get_adapter,
    is_batch_source,
    split_validation,
    unpack_x_y_sample_weight,
)
from .epochs import Epochs
from .fit_run import FitRun
from .gradients import Gradients

# What callbacks set to end a loop after the present batch.
STOPS = {"train": "stop_training", "test": "stop_evaluating", "predict": "stop_predicting"}


class Trainer(Gradients):
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
        check_number("fit", "epochs", epochs, 0)
        check_number("fit", "initial_epoch", initial_epoch, 0)
        check_steps("fit", steps_per_epoch=steps_per_epoch, validation_steps=validation_steps)
        if class_weight is not None and sample_weight is not None:
            raise ValueError("fit: you cannot pass both `class_weight` and `sample_weight`.")
        limit = config.max_epochs()
        if limit and limit < epochs:
            warnings.warn(f"fit: Limiting epochs to {limit}", stacklevel=2)
            epochs = limit
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
        data = Epochs(adapter, steps_per_epoch, self.steps_per_execution)
        if not isinstance(callbacks, CallbackList):
            parameters = {
                "verbose": standardize_verbose(verbose),
                "epochs": epochs,
                "steps": data.num_batches,
            }
            callbacks = CallbackList(
                callbacks, add_history=True, add_progbar=verbose != 0, model=self, **parameters
            )
        run = self.__dict__["_fit_run"] = FitRun(self, data, callbacks, validation, validation_freq)
        try:
            run.run(range(initial_epoch, epochs))
        finally:
            del self.__dict__["_fit_run"]
        return self.history

    def _run_batches(self, kind, data, callbacks, after_batch=None):
        """One pass; returns the logs after the last batch, None if there was no batch.

        Callbacks are called for every `steps_per_execution` batches; `after_batch` after theirs.
        """
        step, logs_of = self._step(kind).bound(data.adapter)
        begin = callbacks.caller(f"on_{kind}_batch_begin")
        end = callbacks.caller(f"on_{kind}_batch_end")
        checked = data.adapter.structure is not None
        optimizer = self.optimizer if kind == "train" else None
        group, stop = self.steps_per_execution, STOPS[kind]
        results, number = None, -1
        for number, batch in enumerate(data, data.upcoming):
            if begin is not None and number % group == 0:
                begin(number)
            if not checked:
                self._check_labels(batch[1], f"batch {number}: targets")
            if optimizer is not None:
                optimizer.refresh_learning_rate()
            results = step(batch)
            if (number + 1) % group:
                continue
            if end is not None:
                end(number, logs_of(results))
                if after_batch is not None:
                    after_batch()
            if getattr(self, stop):
                break
        else:
            if results is not None and end is not None and (number + 1) % group:
                end(number - number % group + group - 1, logs_of(results))
        return None if results is None else logs_of(results)

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
        return Epochs(adapter, steps, self.steps_per_execution)

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

        Returns:
            The loss if there are no metrics, else a list of the loss and the metrics, or a dict of them.
        """
        if kwargs:
            raise ValueError(f"evaluate: argument(s) not recognized: {kwargs}")
        self._assert_compiled("evaluate")
        check_steps("evaluate", steps=steps)
        adapter = get_adapter(x, y, sample_weight, batch_size, steps, False, None, "evaluate")
        self._prepare(adapter, "evaluate: argument `y`", training=False)
        data = Epochs(adapter, steps, self.steps_per_execution)
        if not isinstance(callbacks, CallbackList):
            parameters = {"verbose": standardize_verbose(verbose), "epochs": 1, "steps": data.num_batches}
            callbacks = CallbackList(callbacks, add_progbar=verbose != 0, model=self, **parameters)
        logs = self._evaluate(data, callbacks)
        return logs if return_dict else self._in_order(logs)

    def _evaluate(self, data, callbacks):
        self.reset_metrics()
        data.reset()
        self.stop_evaluating = False
        callbacks.on_test_begin()
        logs = self._run_batches("test", data, callbacks) or {}
        callbacks.on_test_end(logs)
        return logs

    def predict(self, x, batch_size=None, verbose="auto", steps=None, callbacks=None):
        """The outputs for all samples, in inference mode.

        Args:
            x: Inputs, as for `fit`.
            batch_size: Samples per batch; 32 by default. The results do not depend on it.
            verbose: 0 (`"auto"`) for silence, 1 for a progress bar, 2 for one line.
            steps: Number of batches.
            callbacks: `Callback` objects.

        Returns:
            An array `(samples, ..)`, or the structure of the model's outputs with one for each.
        """
        step = self._step("predict")
        silent = callbacks is None and steps is None and verbose in ("auto", 0) and not step.every_time
        most = 32 if batch_size is None else batch_size if isinstance(batch_size, int) else 0
        if silent and type(x) is np.ndarray and 0 < len(x if x.ndim else ()) <= most:
            checks.check_finite(x, "predict: argument `x`")
            return step.traced(x)
        check_steps("predict", steps=steps)
        adapter = get_adapter(x, None, None, batch_size, steps, False, None, "predict")
        data = Epochs(adapter, steps, self.steps_per_execution)
        if not isinstance(callbacks, CallbackList):
            verbose = 0 if verbose == "auto" else verbose
            parameters = {"verbose": verbose, "epochs": 1, "steps": data.num_batches}
            callbacks = CallbackList(callbacks, add_progbar=verbose != 0, model=self, **parameters)
        return prediction.run(step, data, callbacks, self)


def standardize_verbose(verbose):
    if verbose not in ("auto", 0, 1, 2):
        raise ValueError(f"argument `verbose`: expected 'auto', 0, 1 or 2; received {verbose!r}")
    return 1 if verbose == "auto" else int(verbose)


def check_number(where, name, value, least):
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < least:
        raise ValueError(f"{where}: argument `{name}`: expected an integer >= {least}; received {value!r}")


def check_steps(where, **steps):
    for name, value in steps.items():
        if value is not None:
            check_number(where, name, value, 1)
