"""Counts of right and wrong positives and negatives at thresholds, the state of precision, recall, AUC and
their kin.
"""

import numpy as np

from .. import ops
from ..config import epsilon
from ..losses.reduction import align_ranks
from .metric import Metric

# ratio(*PRECISION) and so on: the first count over the sum of both
PRECISION = ("true_positives", "false_positives")
RECALL = ("true_positives", "false_negatives")
SPECIFICITY = ("true_negatives", "false_positives")
LOWEST = -1e10  # below every score: what is not among the k largest, and the threshold that lets those pass


def given_thresholds(where, thresholds, default=0.5):
    """The thresholds as a list; ValueError unless all are in [0, 1]."""
    if thresholds is None:
        return [default]
    thresholds = list(thresholds) if isinstance(thresholds, list | tuple | np.ndarray) else [thresholds]
    outside = [t for t in thresholds if t is None or not 0 <= t <= 1]
    if outside:
        raise ValueError(f"{where}: Threshold values must be in [0, 1]. Received: {outside}")
    return thresholds


_MOST_THRESHOLDS = 1_000_000


def inner_thresholds(number):
    """`number - 2` thresholds that divide [0, 1] evenly."""
    if number > _MOST_THRESHOLDS:
        raise ValueError(f"num_thresholds: expected at most {_MOST_THRESHOLDS}; received {number!r}")
    return [(i + 1) / (number - 1) for i in range(number - 2)]


def evenly_spaced(thresholds):
    """Whether the thresholds divide [0, 1] evenly, up to epsilon."""
    if len(thresholds) < 3:
        return False
    return np.allclose(thresholds, np.linspace(0, 1, len(thresholds)), atol=epsilon())


def sums_above(scores, values, thresholds):
    """For each threshold, label and kind the sum of the values whose score is above the threshold.

    Args:
        scores: Shape `(samples, labels)`.
        values: Shape `(samples, labels, kinds)`.
        thresholds: List of numbers.

    Returns:
        Shape `(thresholds, labels, kinds)`.
    """
    if not evenly_spaced(thresholds):
        column = np.asarray(thresholds, str(scores.dtype)).reshape(-1, 1, 1)
        above = ops.expand_dims(ops.greater(ops.expand_dims(scores, 0), column), -1)
        return ops.sum(ops.where(above, ops.expand_dims(values, 0), 0.0), axis=1)
    return sums_above_even(scores, values, thresholds)


def sums_above_even(scores, values, thresholds):
    """As `sums_above`: the values are summed by the bucket between two thresholds that their score falls in,
    as Keras does, and the buckets above each threshold are added up. So the work does not grow with the
    number of thresholds, and scores on a threshold fall on the same side of it as in Keras.
    """
    number, labels, kinds = len(thresholds), values.shape[1], values.shape[2]
    bucket = ops.ceil(ops.clip(scores, 0.0, 1.0) * float(number - 1)) - 1.0
    if thresholds[0] < 0 or thresholds[-1] > 1:
        bucket = ops.maximum(bucket, 0.0)
    bucket = ops.cast(bucket, "int32")
    place = ops.where(
        ops.less(bucket, 0), number * labels, bucket * labels + np.arange(labels, dtype="int32")
    )
    sums = ops.segment_sum(
        ops.reshape(values, [-1, kinds]), ops.reshape(place, [-1]), num_segments=number * labels
    )
    and_above = np.triu(np.ones((number, number), str(values.dtype)))
    return ops.reshape(
        ops.matmul(and_above, ops.reshape(sums, [number, labels * kinds])), [number, labels, kinds]
    )


def keep_top_k(scores, k):
    """The k largest scores along the last axis (of equal ones the first), LOWEST elsewhere."""
    rest, kept = scores, ops.zeros_like(scores)
    for _ in range(min(k, scores.shape[-1])):
        chosen = ops.one_hot(ops.argmax(rest, axis=-1), scores.shape[-1], dtype=str(scores.dtype))
        kept = kept + chosen
        rest = ops.where(ops.greater(chosen, 0.0), -np.inf, rest)
    return ops.where(ops.greater(kept, 0.0), scores, LOWEST)


class CountsAtThresholds(Metric):
    """Base of the metrics whose state is some of the four counts at each of a list of thresholds.

    A subclass sets `thresholds` and calls `count()` with the names of the counts it keeps.
    """

    thresholds: list[float]
    top_k: int | None = None
    class_id: int | None = None
    _counted: tuple[str, ...] = ()
    COUNTS = ("true_positives", "false_positives", "true_negatives", "false_negatives")

    def count(self, names, labels=()):
        """Makes the counts: one number per threshold, or one per threshold and label."""
        self._counted = names
        for name in names:
            setattr(self, name, self.add_variable((len(self.thresholds), *labels), name=name))

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Adds a batch to the counts.

        Args:
            y_true: Labels; everything but 0 is positive.
            y_pred: Scores in [0, 1], of the shape of the labels.
            sample_weight: Weights that broadcast to the labels' shape.
        """
        self.add_batch(*self._standardized(y_true, y_pred, sample_weight))

    def _standardized(self, y_true, y_pred, sample_weight):
        y_true, y_pred = ops.cast(y_true, self.dtype), ops.cast(y_pred, self.dtype)
        y_true, y_pred = align_ranks(y_true, y_pred)
        self._check_labels(y_true.shape, y_pred.shape)
        if sample_weight is not None:
            sample_weight = ops.expand_dims(ops.cast(sample_weight, self.dtype), -1)
            _, sample_weight = align_ranks(y_true, sample_weight, expand_rank_1=False)
        if self.top_k is not None:
            y_pred = keep_top_k(y_pred, self.top_k)
        if self.class_id is not None:
            if len(y_pred.shape) == 1:
                raise ValueError(
                    f"{type(self).__name__}: When class_id is provided, y_pred must be a 2D array with shape "
                    f"(num_samples, num_classes), found shape: {tuple(y_pred.shape)}"
                )
            one = slice(self.class_id, None if self.class_id == -1 else self.class_id + 1)
            y_true, y_pred = y_true[..., one], y_pred[..., one]
        return y_true, y_pred, sample_weight

    @staticmethod
    def _check_labels(labels, scores):
        """Refuses class numbers beside scores of several classes."""
        if scores and tuple(labels) == tuple(scores[:-1]) and scores[-1] not in (1, None):
            raise ValueError(
                f"expected labels 0 and 1 of the shape of the scores, {tuple(scores)}; received "
                f"{tuple(labels)}. convcore.utils.to_categorical makes one-hot labels of class numbers."
            )

    def add_batch(self, y_true, y_pred, weights=None, per_label=False):
        """Adds to the counts; `per_label` keeps the last axis of the (samples, labels) given apart."""
        positive = ops.cast(ops.not_equal(y_true, 0.0), self.dtype)
        kinds = ops.stack([positive, 1.0 - positive], axis=-1)
        if weights is not None:
            kinds = kinds * ops.expand_dims(weights, -1)
        labels = y_pred.shape[-1] if per_label else 1
        kinds = ops.reshape(kinds, [-1, labels, 2])
        above = sums_above(ops.reshape(y_pred, [-1, labels]), kinds, self.thresholds)
        below = ops.maximum(ops.sum(kinds, axis=0) - above, 0.0)
        found = {
            "true_positives": above[..., 0],
            "false_positives": above[..., 1],
            "true_negatives": below[..., 1],
            "false_negatives": below[..., 0],
        }
        for name in self._counted:
            getattr(self, name).assign_add(found[name] if per_label else ops.squeeze(found[name], -1))

    def ratio(self, part, other):
        """One count over the sum of two, 0 where that is 0."""
        part, other = (ops.convert_to_tensor(getattr(self, name)) for name in (part, other))
        return ops.divide_no_nan(part, part + other)

    def one_or_all(self, values):
        """A scalar if there is one threshold, else one value per threshold."""
        return values[0] if len(self.thresholds) == 1 else values
