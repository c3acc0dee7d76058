"""Turns what users name in `compile` into loss and metric objects; "accuracy" and "crossentropy" by the
shapes.
"""

import inspect

from .. import losses, metrics


def kind_of_targets(y_true, y_pred):
    """`"binary"`, `"sparse"` (integer labels) or `"categorical"` (one-hot labels)."""
    classes = y_pred.shape[-1]
    if classes == 1:
        return "binary"
    if len(y_true.shape) < len(y_pred.shape) or y_true.shape[-1] == 1:
        return "sparse"
    return "categorical"


ACCURACIES = {
    "binary": metrics.BinaryAccuracy,
    "sparse": metrics.SparseCategoricalAccuracy,
    "categorical": metrics.CategoricalAccuracy,
}
CROSSENTROPIES = {
    "binary": losses.binary_crossentropy,
    "sparse": losses.sparse_categorical_crossentropy,
    "categorical": losses.categorical_crossentropy,
}


def name_of(identifier, found):
    if isinstance(identifier, str):
        return identifier
    return getattr(found, "name", None) or getattr(found, "__name__", None) or type(found).__name__


def find_loss(identifier, y_true, y_pred):
    """The loss object for one output, or None."""
    if identifier is None:
        return None
    if isinstance(identifier, str) and identifier.lower() in ("crossentropy", "ce"):
        found = CROSSENTROPIES[kind_of_targets(y_true, y_pred)]
    else:
        found = losses.get(identifier)
    if isinstance(found, losses.Loss):
        return found
    return losses.LossFunctionWrapper(found, name=name_of(identifier, found))


def find_metric(identifier, y_true, y_pred):
    """The metric object for one output, under the name that the user wrote."""
    if identifier is None:
        raise ValueError("compile: argument `metrics`: expected metrics. Received: None")
    if isinstance(identifier, str) and identifier.lower() in ("accuracy", "acc"):
        found = ACCURACIES[kind_of_targets(y_true, y_pred)]()
    else:
        found = metrics.get(identifier)
    name = name_of(identifier, found)
    if not isinstance(found, metrics.Metric):
        if not callable(found) or inspect.isclass(found):
            raise ValueError(f"compile: argument `metrics`: expected a metric. Received: {identifier!r}")
        found = metrics.MeanMetricWrapper(found)
    found.name = name
    return found


def label_limit(loss, y_pred):
    """(number of classes, ignored label) if the loss takes integer labels, else None."""
    if getattr(loss, "fn", None) is not losses.sparse_categorical_crossentropy:
        return None
    arguments = loss._fn_kwargs
    return y_pred.shape[arguments.get("axis", -1)], arguments.get("ignore_class")
