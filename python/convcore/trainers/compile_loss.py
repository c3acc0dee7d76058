"""The total loss of a model: the losses of its outputs, weighted and added up."""

import numpy as np

from .. import metrics, ops
from ..config import floatx
from ..core import scope, tree
from ..losses.reduction import count
from . import outputs
from .data_adapters import checks
from .identify import find_loss, label_limit
from .loss_terms import NAMELESS, at, find_terms


class CompileLoss:
    """The losses given to `compile`, found for each output when shapes are known.

    Args:
        loss: A name, function, Loss, or a list or dict of them per output, see `find_terms`.
        loss_weights: A float, or a list or dict per output.
        output_names: Names of the model's outputs, or None.
    """

    def __init__(self, loss, loss_weights=None, output_names=None):
        if loss_weights is not None and not isinstance(loss_weights, list | tuple | dict | float | int):
            raise ValueError(
                "compile: argument `loss_weights`: expected a float, list, tuple or dict. "
                f"Received: loss_weights={loss_weights!r} of type {type(loss_weights).__name__}"
            )
        words = [weight for weight in tree.flatten(loss_weights) if isinstance(weight, str)]
        if words:
            raise ValueError(
                "compile: argument `loss_weights`, the third: expected numbers. Received: "
                f"loss_weights={loss_weights!r}. Metrics are given by name: metrics={words}"
            )
        self._loss = loss
        self._loss_weights = loss_weights
        self._output_names = output_names
        self.built = False
        self.metrics = []  # the mean of each loss, if there are several

    def build(self, y_true, y_pred):
        """Finds the losses for targets and predictions of these shapes."""
        self._names = outputs.names_of(y_pred, self._output_names)
        self._structure = tree.map_structure(lambda _: None, y_pred)
        terms = find_terms(self._loss, self._loss_weights, y_pred, self._names)
        numbers = tree.pack_as(y_pred, list(range(len(self._names))))
        self._used = {i for term in terms for i in tree.flatten(at(numbers, term.path))}
        targets = self._targets(y_true, y_pred)
        for term in terms:
            prediction = at(y_pred, term.path)
            term.loss = find_loss(term.loss, at(targets, term.path), prediction)
            term.limit = label_limit(term.loss, prediction)
            term.name = term.name.replace(NAMELESS, term.loss.name)
        self._terms = terms
        self.metrics = [metrics.Mean(name=f"{term.name}_loss") for term in terms] if len(terms) > 1 else []
        self.built = True

    def _targets(self, y_true, y_pred):
        """Targets in the structure of the outputs; those without a loss may be left out."""
        if y_true is None and self._used:
            raise ValueError(
                "The loss needs targets. Received: y=None. Pass `y`, or compile the model without a loss."
            )
        return outputs.align(y_true, y_pred, self._names, "y", self._used)

    def check_labels(self, y, where):
        """Raises ValueError if integer labels are out of the range of the predicted classes."""
        limited = [term for term in self._terms if term.limit is not None]
        if not limited:
            return
        targets = self._targets(y, self._structure)
        for term in limited:
            labels = at(targets, term.path)
            if isinstance(labels, np.ndarray):
                classes, ignored = term.limit
                checks.check_label_range(labels, classes, ignored, where)

    def __call__(self, y_true, y_pred, sample_weight=None):
        """The weighted sum of the losses; updates the mean loss of each of several."""
        if not self.built:
            with scope.no_trace():
                self.build(y_true, y_pred)
        parts = [
            self._targets(y_true, y_pred),
            y_pred,
            outputs.align_weights(sample_weight, y_pred, self._names),
        ]
        if not tree.same_structure(y_pred, self._structure):
            parts = [tree.pack_as(self._structure, tree.flatten(part)) for part in parts]
        trackers = iter(self.metrics)
        total = None
        for term in self._terms:
            target, prediction, weights = [at(part, term.path) for part in parts]
            value = term.loss(target, prediction, tree.flatten(weights)[0])
            if self.metrics:
                samples = count(tree.flatten(prediction)[0], axes=[0])
                next(trackers).update_state(value, sample_weight=samples)
            if term.weight is not None:
                value = ops.multiply(value, np.asarray(term.weight, floatx()))
            total = value if total is None else total + value
        return total
