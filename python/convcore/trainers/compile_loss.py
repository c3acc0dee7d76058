"""The total loss of a model: one loss per output, weighted and added up."""

import numpy as np

from .. import metrics, ops
from ..core import tree
from ..losses.reduction import count
from . import outputs
from .data_adapters import checks
from .identify import find_loss, label_limit


class CompileLoss:
    """The losses given to `compile`, found for each output when shapes are known.

    Args:
        loss: A name, function, Loss, or a list or dict of them per output.
        loss_weights: A float, or a list or dict per output.
        output_names: Names of the model's outputs, or None.
    """

    def __init__(self, loss, loss_weights=None, output_names=None):
        if loss_weights is not None and not isinstance(loss_weights, list | tuple | dict | float | int):
            raise ValueError(
                "compile: argument `loss_weights`: expected a float, list, tuple or dict. "
                f"Received: loss_weights={loss_weights!r} of type {type(loss_weights).__name__}"
            )
        self._loss = loss
        self._loss_weights = loss_weights
        self._output_names = output_names
        self.built = False
        self.metrics = []  # the mean loss of each output, if there are several

    def build(self, y_true, y_pred):
        """Finds the losses for targets and predictions of these shapes."""
        self._names = outputs.names_of(y_pred, self._output_names)
        # As in Keras, only outputs that come in a dict may lack a loss.
        complete = not isinstance(y_pred, dict)
        specs = outputs.per_output(self._loss, self._names, "loss", complete=complete, y_pred=y_pred)
        # as in Keras, an output's one loss may stand in a list
        specs = [s[0] if isinstance(s, list | tuple) and len(s) == 1 else s for s in specs]
        wanted = [spec is not None for spec in specs]
        targets = self._targets(y_true, wanted)
        predictions = tree.flatten(y_pred)
        self._losses = [find_loss(*item) for item in zip(specs, targets, predictions, strict=True)]
        self._weights = self._standardize_weights(wanted, y_pred)
        self._limits = [
            None if loss is None else label_limit(loss, prediction)
            for loss, prediction in zip(self._losses, predictions, strict=True)
        ]
        if sum(wanted) > 1:
            paths = outputs.paths_of(y_pred, self._names)
            names = [name for name, used in zip(paths, wanted, strict=True) if used]
            self.metrics = [metrics.Mean(name=f"{name}_loss") for name in names]
        self.built = True

    def _standardize_weights(self, wanted, y_pred):
        weights = self._loss_weights
        if isinstance(weights, list | tuple) and len(weights) == sum(wanted) < len(wanted):
            iterator = iter(weights)
            return [next(iterator) if used else None for used in wanted]
        return outputs.per_output(weights, self._names, "loss_weights", y_pred=y_pred)

    def _targets(self, y_true, wanted):
        """Targets per output; those without a loss may be left out."""
        if y_true is None and any(wanted):
            raise ValueError(
                "The loss needs targets. Received: y=None. Pass `y`, or compile the model without a loss."
            )
        given = tree.flatten(y_true)
        if len(given) != len(wanted) and len(given) == sum(wanted):
            iterator = iter(given)
            return [next(iterator) if used else None for used in wanted]
        return outputs.flat(y_true, self._names, "y")

    def check_labels(self, y, where):
        """Raises ValueError if integer labels are out of the range of the predicted classes."""
        if not any(self._limits):
            return
        for limit, labels in zip(
            self._limits, self._targets(y, [loss is not None for loss in self._losses]), strict=True
        ):
            if limit is not None and isinstance(labels, np.ndarray):
                checks.check_label_range(labels, limit[0], limit[1], where)

    def __call__(self, y_true, y_pred, sample_weight=None):
        """The weighted sum of the losses; updates the mean loss of each output."""
        targets = self._targets(y_true, [loss is not None for loss in self._losses])
        predictions = tree.flatten(y_pred)
        sample_weights = outputs.flat_weights(sample_weight, self._names)
        trackers = iter(self.metrics)
        total = None
        for loss, target, prediction, sample, weight in zip(
            self._losses, targets, predictions, sample_weights, self._weights, strict=True
        ):
            if loss is None:
                continue
            value = loss(target, prediction, sample)
            if self.metrics:
                next(trackers).update_state(value, sample_weight=count(prediction, axes=[0]))
            if weight is not None:
                value = ops.multiply(value, float(weight))
            total = value if total is None else total + value
        return total
