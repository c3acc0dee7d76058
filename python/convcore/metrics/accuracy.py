"""Accuracies: how often predictions agree with labels."""

from .. import ops
from ..config import floatx
from ..losses.reduction import align_ranks
from .reduction import MeanMetricWrapper


def as_hits(matches):
    return ops.cast(matches, floatx())


def accuracy(y_true, y_pred):
    """1 where `y_true == y_pred` exactly, else 0."""
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.convert_to_tensor(y_true, dtype=str(y_pred.dtype))
    y_true, y_pred = align_ranks(y_true, y_pred)
    return as_hits(ops.equal(y_true, y_pred))


def binary_accuracy(y_true, y_pred, threshold=0.5):
    """1 where `y_pred > threshold` equals the label 0 or 1."""
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.convert_to_tensor(y_true)
    y_true, y_pred = align_ranks(y_true, y_pred)
    return as_hits(ops.equal(y_true, ops.cast(ops.greater(y_pred, threshold), str(y_true.dtype))))


def categorical_accuracy(y_true, y_pred):
    """1 where the largest entries of one-hot labels and predictions are in the same place."""
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    return as_hits(ops.equal(ops.argmax(y_true, axis=-1), ops.argmax(y_pred, axis=-1)))


def integer_labels(y_true, y_pred):
    """Labels as int32 without a trailing size-1 axis."""
    labels = ops.convert_to_tensor(y_true)
    if len(labels.shape) == len(y_pred.shape) and labels.shape[-1] == 1:
        labels = ops.squeeze(labels, axis=-1)
    return ops.cast(labels, "int32")


def sparse_categorical_accuracy(y_true, y_pred):
    """1 where the integer label is the place of the largest prediction (of equal ones the first)."""
    y_pred = ops.convert_to_tensor(y_pred)
    return as_hits(ops.equal(integer_labels(y_true, y_pred), ops.argmax(y_pred, axis=-1)))


def in_top_k(labels, scores, k):
    """Whether fewer than k scores are larger than the label's: a tie with the k-th counts as a hit."""
    chosen = ops.one_hot(labels, scores.shape[-1], dtype=str(scores.dtype))
    own = ops.sum(ops.where(ops.greater(chosen, 0.0), scores, 0.0), axis=-1, keepdims=True)
    better = ops.sum(ops.cast(ops.greater(scores, own), "float32"), axis=-1)
    return ops.less(better, float(k))


def top_k_categorical_accuracy(y_true, y_pred, k=5):
    """1 where the class of a one-hot label is among the k largest predictions."""
    y_pred = ops.convert_to_tensor(y_pred)
    labels = ops.cast(ops.argmax(ops.convert_to_tensor(y_true), axis=-1), "int32")
    return as_hits(in_top_k(labels, y_pred, k))


def sparse_top_k_categorical_accuracy(y_true, y_pred, k=5, from_sorted_ids=False):
    """1 where the integer label is among the k largest predictions, or the first k of sorted class ids."""
    y_pred = ops.convert_to_tensor(y_pred)
    labels = integer_labels(y_true, y_pred)
    if from_sorted_ids:
        first = ops.cast(y_pred[..., :k], "int32")
        return as_hits(ops.any(ops.equal(ops.expand_dims(labels, axis=-1), first), axis=-1))
    return as_hits(in_top_k(labels, y_pred, k))


class Accuracy(MeanMetricWrapper):
    """How often predictions equal labels exactly."""

    _direction = "up"

    def __init__(self, name="accuracy", dtype=None):
        super().__init__(accuracy, name=name, dtype=dtype)


class BinaryAccuracy(MeanMetricWrapper):
    """How often `y_pred > threshold` equals the label.

    Args:
        name: Name of the metric.
        dtype: Dtype of the state.
        threshold: Float in (0, 1).
    """

    _direction = "up"

    def __init__(self, name="binary_accuracy", dtype=None, threshold=0.5):
        if threshold is not None and not 0 < threshold < 1:
            raise ValueError(
                f"BinaryAccuracy: `threshold` must be between 0 and 1. Received: threshold={threshold}"
            )
        super().__init__(binary_accuracy, name=name, dtype=dtype, threshold=threshold)
        self.threshold = threshold


class CategoricalAccuracy(MeanMetricWrapper):
    """How often the largest prediction is the class of the one-hot label."""

    _direction = "up"

    def __init__(self, name="categorical_accuracy", dtype=None):
        super().__init__(categorical_accuracy, name=name, dtype=dtype)


class SparseCategoricalAccuracy(MeanMetricWrapper):
    """How often the largest prediction is the integer label."""

    _direction = "up"

    def __init__(self, name="sparse_categorical_accuracy", dtype=None):
        super().__init__(sparse_categorical_accuracy, name=name, dtype=dtype)


class TopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the class of the one-hot label is among the `k` largest predictions."""

    _direction = "up"

    def __init__(self, k=5, name="top_k_categorical_accuracy", dtype=None):
        super().__init__(top_k_categorical_accuracy, name=name, dtype=dtype, k=k)
        self.k = k


class SparseTopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the integer label is among the `k` largest predictions.

    Args:
        k: How many predictions count.
        from_sorted_ids: Whether predictions are class numbers instead, the likeliest first.
    """

    _direction = "up"

    def __init__(self, k=5, name="sparse_top_k_categorical_accuracy", dtype=None, from_sorted_ids=False):
        arguments = {"k": k, "from_sorted_ids": from_sorted_ids}
        super().__init__(sparse_top_k_categorical_accuracy, name=name, dtype=dtype, **arguments)
        self.k = k
        self.from_sorted_ids = from_sorted_ids
