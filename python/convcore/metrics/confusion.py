"""Counts of a binary decision, and precision and recall made of them."""

from .. import ops
from ..core.variable import value_of
from .thresholds import (
    LOWEST,
    PRECISION,
    RECALL,
    SPECIFICITY,
    CountsAtThresholds,
    given_thresholds,
    inner_thresholds,
)


class ConditionCount(CountsAtThresholds):
    """Base of the four counts.

    Args:
        thresholds: A float or a list of floats in [0, 1]; 0.5 by default. A score above it counts as
            positive. With a list the result has one value per threshold.
        name: Name of the metric.
        dtype: Dtype of the state.
    """

    condition: str

    def __init__(self, thresholds=None, name=None, dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.init_thresholds = thresholds
        self.thresholds = given_thresholds(type(self).__name__, thresholds)
        self._counted = (self.condition,)
        self.accumulator = self.add_variable((len(self.thresholds),), name="accumulator")
        object.__setattr__(self, self.condition, self.accumulator)

    def result(self):
        return self.one_or_all(value_of(self.accumulator))

    def get_config(self):
        return {**super().get_config(), "thresholds": self.init_thresholds}


class TruePositives(ConditionCount):
    """The (weighted) number of positives that score above the threshold."""

    condition = "true_positives"


class TrueNegatives(ConditionCount):
    """The (weighted) number of negatives that do not score above the threshold."""

    condition = "true_negatives"


class FalsePositives(ConditionCount):
    """The (weighted) number of negatives that score above the threshold."""

    condition = "false_positives"


class FalseNegatives(ConditionCount):
    """The (weighted) number of positives that do not score above the threshold."""

    condition = "false_negatives"


class PrecisionOrRecall(CountsAtThresholds):
    """Base of Precision and Recall.

    Args:
        thresholds: A float or a list of floats in [0, 1]; 0.5 by default, or none with `top_k`.
        top_k: Only the k largest scores of a sample can be positive.
        class_id: Only this class counts.
        name: Name of the metric.
        dtype: Dtype of the state.
    """

    _direction = "up"
    counts: tuple[str, str]

    def __init__(self, thresholds=None, top_k=None, class_id=None, name=None, dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.init_thresholds = thresholds
        self.top_k = top_k
        self.class_id = class_id
        default = 0.5 if top_k is None else LOWEST
        self.thresholds = given_thresholds(type(self).__name__, thresholds, default)
        self.count(self.counts)

    def result(self):
        return self.one_or_all(self.ratio(*self.counts))

    def get_config(self):
        own = {"thresholds": self.init_thresholds, "top_k": self.top_k, "class_id": self.class_id}
        return {**super().get_config(), **own}


class Precision(PrecisionOrRecall):
    """TP / (TP + FP): the part of the positive decisions that is right; 0 without any."""

    counts = PRECISION


class Recall(PrecisionOrRecall):
    """TP / (TP + FN): the part of the positives that is found; 0 without any."""

    counts = RECALL


class BestUnderConstraint(CountsAtThresholds):
    """Base of the metrics "best A where B is at least a value", over evenly spaced thresholds."""

    _direction = "up"
    constrained: str  # the name of the argument: an attribute and an entry of the configuration too
    constraint: tuple[str, str]
    maximised: tuple[str, str]

    def __init__(self, value, num_thresholds=200, class_id=None, name=None, dtype=None):
        super().__init__(name=name, dtype=dtype)
        where = type(self).__name__
        if not 0 <= value <= 1:
            raise ValueError(
                f"{where}: argument `{self.constrained}` must be in the range [0, 1]. "
                f"Received: {self.constrained}={value}"
            )
        if num_thresholds <= 0:
            raise ValueError(
                f"{where}: Argument `num_thresholds` must be an integer > 0. "
                f"Received: num_thresholds={num_thresholds}"
            )
        self.value = value
        setattr(self, self.constrained, value)
        self.num_thresholds = num_thresholds
        self.class_id = class_id
        self.thresholds = [0.5] if num_thresholds == 1 else [0.0, *inner_thresholds(num_thresholds), 1.0]
        self.count(self.COUNTS)

    def result(self):
        feasible = ops.greater_equal(self.ratio(*self.constraint), self.value)
        return ops.max(ops.where(feasible, self.ratio(*self.maximised), 0.0), initial=0.0)

    def get_config(self):
        own = {"class_id": self.class_id, "num_thresholds": self.num_thresholds, self.constrained: self.value}
        return {**super().get_config(), **own}


class SensitivityAtSpecificity(BestUnderConstraint):
    """The best sensitivity TP / (TP + FN) among thresholds whose specificity TN / (TN + FP) is high enough.

    Args:
        specificity: The lowest specificity allowed, in [0, 1].
        num_thresholds: Number of thresholds.
        class_id: Only this class counts.
        name: Name of the metric.
        dtype: Dtype of the state.
    """

    constrained = "specificity"
    constraint, maximised = SPECIFICITY, RECALL

    def __init__(self, specificity, num_thresholds=200, class_id=None, name=None, dtype=None):
        super().__init__(specificity, num_thresholds, class_id, name, dtype)


class SpecificityAtSensitivity(BestUnderConstraint):
    """The best specificity TN / (TN + FP) among thresholds whose sensitivity TP / (TP + FN) is high enough.

    Args:
        sensitivity: The lowest sensitivity allowed, in [0, 1].
        num_thresholds: Number of thresholds.
        class_id: Only this class counts.
        name: Name of the metric.
        dtype: Dtype of the state.
    """

    constrained = "sensitivity"
    constraint, maximised = RECALL, SPECIFICITY

    def __init__(self, sensitivity, num_thresholds=200, class_id=None, name=None, dtype=None):
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)


class PrecisionAtRecall(BestUnderConstraint):
    """The best precision among thresholds whose recall is high enough.

    Args:
        recall: The lowest recall allowed, in [0, 1].
        num_thresholds: Number of thresholds.
        class_id: Only this class counts.
        name: Name of the metric.
        dtype: Dtype of the state.
    """

    constrained = "recall"
    constraint, maximised = RECALL, PRECISION

    def __init__(self, recall, num_thresholds=200, class_id=None, name=None, dtype=None):
        super().__init__(recall, num_thresholds, class_id, name, dtype)


class RecallAtPrecision(BestUnderConstraint):
    """The best recall among thresholds whose precision is high enough.

    Args:
        precision: The lowest precision allowed, in [0, 1].
        num_thresholds: Number of thresholds.
        class_id: Only this class counts.
        name: Name of the metric.
        dtype: Dtype of the state.
    """

    constrained = "precision"
    constraint, maximised = PRECISION, RECALL

    def __init__(self, precision, num_thresholds=200, class_id=None, name=None, dtype=None):
        super().__init__(precision, num_thresholds, class_id, name, dtype)
