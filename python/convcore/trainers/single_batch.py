"""Single batches: train_on_batch, test_on_batch, predict_on_batch, with little Python around the call."""

import numpy as np

from ..core import scope
from ..metrics.metric import Metric
from .data_adapters import ArrayAdapter, checks, class_weight_to_sample_weights
from .stepping import Stepping
from .steps import as_logs, as_number, result_names


class SingleBatches(Stepping):
    """The part of Trainer that runs one batch at a time."""

    def train_on_batch(self, x, y=None, sample_weight=None, class_weight=None, return_dict=False):
        """One step of training on one batch.

        Args:
            x: Inputs: an array, or a list or dict of arrays.
            y: Targets.
            sample_weight: Weight of each sample in the loss.
            class_weight: Dict from class to the weight of its samples.
            return_dict: Whether to return a dict by name instead of a list.

        Returns:
            The loss and the metrics of this batch, in the order of `evaluate`; a number if there is only the
            loss.
        """
        self._assert_compiled("train_on_batch")
        if class_weight is not None:
            if sample_weight is not None:
                raise ValueError("train_on_batch: you cannot pass both `class_weight` and `sample_weight`.")
            sample_weight = class_weight_to_sample_weights(y, class_weight)
        return self._single("train", x, y, sample_weight, return_dict)

    def test_on_batch(self, x, y=None, sample_weight=None, return_dict=False):
        """The loss and the metrics of one batch, in inference mode; arguments as for `train_on_batch`."""
        self._assert_compiled("test_on_batch")
        return self._single("test", x, y, sample_weight, return_dict)

    def predict_on_batch(self, x):
        """The outputs for one batch."""
        step = self._step("predict")
        if type(x) is np.ndarray and x.ndim and len(x) and not step.every_time:
            checks.check_finite(x, "predict_on_batch: argument `x`")
            return step.traced(x)
        adapter = ArrayAdapter(x, batch_size=1, where="predict_on_batch")
        return step(adapter.data[0])

    def _single(self, kind, x, y, sample_weight, return_dict):
        known = self._step_functions.single.get(kind)
        if known is not None:
            arrays = known.fitting((x, y, sample_weight))
            if arrays is not None:
                return known.run(arrays, y, return_dict)
        where = f"{kind}_on_batch"
        adapter = ArrayAdapter(x, y, sample_weight, batch_size=2**31, where=where)
        self._prepare(adapter, f"{where}: argument `y`")
        self.reset_metrics()
        if kind == "train":
            self.optimizer.refresh_learning_rate()
        step = self._step(kind)
        logs = as_logs(step(*adapter.data))
        if all(a is b for a, b in zip(adapter.data, (x, y, sample_weight), strict=True)):
            self._step_functions.remember_single(kind, KnownBatch(self, kind, step, adapter))
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


class KnownBatch:
    """What need not be found out again for the next batch of the same kind: arrays that need no conversion,
    of the same dtypes and sample shapes.

    Only what depends on values is looked at each time: that numbers are finite, and labels in their range.
    """

    def __init__(self, model, kind, step, adapter):
        recorded = step.traced.recorded_for(*adapter.data)
        self.usable = not step.every_time and recorded.any_batch and result_names(recorded) is not None
        self._names = result_names(recorded) or []
        self._function = recorded.function
        self._order = model._in_order({name: i for i, name in enumerate(self._names)})
        self._version = scope.structure_version()
        self._kinds = [None if a is None else (a.dtype, a.shape[1:]) for a in adapter.data]
        self._labels = f"{kind}_on_batch: argument `y`"
        self._where = [
            f"{kind}_on_batch: argument `{name}`"
            for name, array in zip(("x", "y", "sample_weight"), adapter.data, strict=True)
            if array is not None
        ]
        self._refresh = model.optimizer.refresh_learning_rate if kind == "train" else None
        loss = model._compile_loss
        self._check_labels = loss.check_labels if loss is not None and loss.built else None
        self._cleared, self._reset = state_to_clear(model)

    def fitting(self, batch):
        """The arrays of (x, y, sample_weight) if it can be run with this batch, else None."""
        if self._version != scope._structure_version:
            return None
        arrays: list[np.ndarray] = []
        for array, kind in zip(batch, self._kinds, strict=True):
            if kind is None or array is None:
                if kind is not array:
                    return None
                continue
            if (
                type(array) is not np.ndarray
                or array.dtype != kind[0]
                or array.shape[1:] != kind[1]
                or not array.flags.c_contiguous
                or len(array) != len(arrays[0] if arrays else array)
            ):
                return None
            arrays.append(array)
        return arrays if len(arrays[0]) else None

    def run(self, arrays, y, return_dict):
        for array, where in zip(arrays, self._where, strict=True):
            checks.check_finite(array, where)
        if self._check_labels is not None:
            self._check_labels(y, self._labels)
        for array, touch in self._cleared:
            array.fill(0)
            touch()
        for reset in self._reset:
            reset()
        if self._refresh is not None:
            self._refresh()
        values = [as_number(value) for value in self._function(*arrays)]
        if return_dict:
            return dict(zip(self._names, values, strict=True))
        if isinstance(self._order, int):
            return values[self._order]
        return [values[i] for i in self._order]


def state_to_clear(model):
    """(array, function that tells the core of a change) of all state of metrics that zeroes reset, and the
    `reset_state` of the metrics that define their own.
    """
    arrays, resets = [], []
    for metric in model.metrics:
        for leaf in metric.metrics if metric is model._compile_metrics else [metric]:
            if type(leaf).reset_state is not Metric.reset_state:
                resets.append(leaf.reset_state)
                continue
            for variable in leaf.variables:
                arrays.append((variable._handle.array, variable._handle.touch))
    return arrays, resets
