"""The metrics given to `compile`: per output, with and without sample weights, under unique names."""

from ..core import scope, tree
from ..core.origin import origin
from . import outputs
from .identify import find_metric


class CompileMetrics:
    """The metrics given to `compile`, found for each output when shapes are known.

    Args:
        metrics: List, tuple or dict; never sees sample weights.
        weighted_metrics: List, tuple or dict; sees them.
        output_names: Names of the model's outputs, or None.
    """

    name = "compile_metrics"

    def __init__(self, metrics, weighted_metrics, output_names=None):
        for argument, given in (("metrics", metrics), ("weighted_metrics", weighted_metrics)):
            if given and not isinstance(given, list | tuple | dict):
                raise ValueError(
                    f"compile: expected argument `{argument}` to be a list, tuple, or dict. "
                    f"Received: {argument}={given!r} of type {type(given).__name__}. Put it in a list."
                )
        self._given = {"metrics": metrics or None, "weighted_metrics": weighted_metrics or None}
        self._output_names = output_names
        self.built = False
        self._entries = []  # (result name, metric, index of the output, whether it is weighted)

    @property
    def metrics(self):
        return [metric for _, metric, _, _ in self._entries]

    @property
    def variables(self):
        return [variable for metric in self.metrics for variable in metric.variables]

    def build(self, y_true, y_pred):
        """Finds the metrics for targets and predictions of these shapes."""
        self._names = outputs.names_of(y_pred, self._output_names)
        targets, predictions = self._pairs(y_true, y_pred)
        used: dict[str, int] = {}
        self._entries = []
        for argument, given in self._given.items():
            for index, specs in enumerate(self._per_output(given, argument, y_pred)):
                for spec in specs:
                    metric = find_metric(spec, targets[index], predictions[index])
                    name = self._unique(metric.name, index, argument == "weighted_metrics", used)
                    self._entries.append((name, metric, index, argument == "weighted_metrics"))
        self.built = True

    def _pairs(self, y_true, y_pred):
        """Targets and predictions in the order of the names; if there are fewer targets, those of the first
        outputs.
        """
        predictions = outputs.in_order(y_pred, self._names)
        leaves = tree.flatten(y_true) if y_true is not None else []
        if len(leaves) < len(self._names):
            return leaves + [None] * (len(self._names) - len(leaves)), predictions
        targets = outputs.align(y_true, y_pred, self._names, "y")
        return outputs.in_order(targets, self._names), predictions

    def _per_output(self, given, argument, y_pred):
        if len(self._names) == 1:
            return [tree.flatten(given) if given is not None else []]
        entries = outputs.per_output(given, self._names, argument, y_pred)
        return [[] if entry is None else tree.flatten(entry) for entry in entries]

    def _unique(self, name, index, weighted, used):
        named = len(self._names) > 1 and self._names[index] is not None
        prefix = f"{self._names[index]}_" if named else ""
        full = prefix + name
        if weighted and full in used:
            full = f"{prefix}weighted_{name}"
        repeats = used.get(full, 0)
        used[full] = repeats + 1
        return f"{full}_{repeats}" if repeats else full

    def update_state(self, y_true, y_pred, sample_weight=None):
        if not self.built:
            with scope.no_trace():
                self.build(y_true, y_pred)
        targets, predictions = self._pairs(y_true, y_pred)
        weights = outputs.align_weights(sample_weight, y_pred, self._names)
        weights = outputs.in_order(weights, self._names)
        for _, metric, index, weighted in self._entries:
            weight = weights[index] if weighted else None
            with origin("metric", metric.name, targets[index], predictions[index]):
                metric.update_state(targets[index], predictions[index], sample_weight=weight)

    def reset_state(self):
        for metric in self.metrics:
            metric.reset_state()

    def result(self):
        return {name: metric.result() for name, metric, _, _ in self._entries}
