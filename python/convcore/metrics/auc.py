"""The area under the curve of a classifier: ROC, precision-recall or precision-recall-gain."""

import numpy as np

from .. import ops
from ..config import epsilon
from .thresholds import PRECISION, RECALL, CountsAtThresholds, inner_thresholds

CURVES = ("ROC", "PR", "PRGAIN")
METHODS = ("interpolation", "minoring", "majoring")


def one_of(where, name, value, words):
    """`value` as one of the words, lower or upper case; ValueError for others."""
    value = getattr(value, "value", value)
    found = [word for word in words if value in (word, word.lower(), word.capitalize())]
    if not found:
        raise ValueError(
            f'{where}: Invalid AUC {name.replace("_", " ")} value: "{value}". Expected `{name}` to be one of '
            f"{list(words)}."
        )
    return found[0]


class AUC(CountsAtThresholds):
    """The area under a curve whose points are thresholds.

    Args:
        num_thresholds: Number of thresholds, which divide [0, 1] evenly; the more, the closer to the true
            area.
        curve: `"ROC"` (true over false positive rate), `"PR"` (precision over recall) or `"PRGAIN"`
            (Flach & Kull, "Precision-Recall-Gain Curves", 2015).
        summation_method: `"interpolation"` (trapezoids; for `"PR"` after Davis & Goadrich, "The Relationship
            Between Precision-Recall and ROC Curves", 2006), `"minoring"` or `"majoring"` (the lower or the
            higher end of each interval).
        name: Name of the metric.
        dtype: Dtype of the state.
        thresholds: List of thresholds in [0, 1] instead of evenly spaced ones.
        multi_label: Whether the last axis holds labels, whose areas are averaged.
        num_labels: Number of labels, with `multi_label`; known from the first batch otherwise.
        label_weights: Weights of the labels: in the average with `multi_label`, in the counts without.
        from_logits: Whether the predictions are logits.
    """

    _direction = "up"

    def __init__(
        self,
        num_thresholds=200,
        curve="ROC",
        summation_method="interpolation",
        name=None,
        dtype=None,
        thresholds=None,
        multi_label=False,
        num_labels=None,
        label_weights=None,
        from_logits=False,
    ):
        super().__init__(name=name, dtype=dtype)
        if thresholds is None and num_thresholds <= 1:
            raise ValueError(
                f"AUC: Argument `num_thresholds` must be an integer > 1. Received: "
                f"num_thresholds={num_thresholds}"
            )
        if num_labels and not multi_label:
            raise ValueError(
                f"AUC: `num_labels` is only for `multi_label=True`. Received: num_labels={num_labels}"
            )
        given = None if thresholds is None else sorted(float(t) for t in thresholds)
        inner = inner_thresholds(num_thresholds) if given is None else given
        self._init_thresholds = given
        # One threshold below and one above all scores, whatever rounding does to them.
        self.thresholds = [-epsilon(), *inner, 1.0 + epsilon()]
        self.num_thresholds = len(self.thresholds)
        self.curve = one_of("AUC", "curve", curve, CURVES)
        self.summation_method = one_of("AUC", "summation_method", summation_method, METHODS)
        self.multi_label = multi_label
        self.num_labels = num_labels
        self.label_weights = None if label_weights is None else np.asarray(label_weights, self.dtype)
        self._from_logits = from_logits
        if not multi_label:
            self.count(self.COUNTS)
        elif num_labels:
            self.count(self.COUNTS, [num_labels])

    def _standardized(self, y_true, y_pred, sample_weight):
        if self._from_logits:
            y_pred = ops.sigmoid(ops.cast(y_pred, self.dtype))
        y_true, y_pred, weights = super()._standardized(y_true, y_pred, sample_weight)
        if self.label_weights is not None and not self.multi_label:
            weights = self.label_weights if weights is None else weights * self.label_weights
        return y_true, y_pred, weights

    def add_batch(self, y_true, y_pred, weights=None, per_label=False):
        if self.multi_label and not self._counted:
            if len(y_pred.shape) != 2:
                raise ValueError(
                    "AUC: with `multi_label=True` the predictions must have shape (samples, labels). "
                    f"Received: shape {tuple(y_pred.shape)}"
                )
            self.count(self.COUNTS, [y_pred.shape[1]])
        super().add_batch(y_true, y_pred, weights, self.multi_label)

    def result(self):
        if not self._counted:
            return ops.zeros((), self.dtype)
        if self.curve == "PR" and self.summation_method == "interpolation":
            areas = self._interpolated_precision_recall()
        else:
            x, y = self._points()
            left, right = y[:-1], y[1:]
            if self.summation_method == "interpolation":
                heights = (left + right) / 2.0
            else:
                heights = (ops.minimum if self.summation_method == "minoring" else ops.maximum)(left, right)
            areas = (x[:-1] - x[1:]) * heights
        areas = ops.sum(areas, axis=0)
        if not self.multi_label:
            return areas
        if self.label_weights is None:
            return ops.mean(areas)
        return ops.divide_no_nan(ops.sum(areas * self.label_weights), float(self.label_weights.sum()))

    def _points(self):
        if self.curve == "ROC":
            return self.ratio("false_positives", "true_negatives"), self.ratio(*RECALL)
        if self.curve == "PR":
            return self.ratio(*RECALL), self.ratio(*PRECISION)
        tp, fp, tn, fn = self._counts()
        odds = ops.divide_no_nan(tp + fn, tn + fp)
        none = ops.equal(tp, 0.0)
        recall_gain = ops.where(none, 0.0, 1.0 - odds * ops.divide_no_nan(fn, tp))
        precision_gain = ops.where(none, 1.0, 1.0 - odds * ops.divide_no_nan(fp, tp))
        return ops.maximum(recall_gain, 0.0), precision_gain

    def _counts(self):
        return [ops.convert_to_tensor(getattr(self, name)) for name in self.COUNTS]

    def _interpolated_precision_recall(self):
        """Between two thresholds true positives grow linearly with all positives, p, so that the area is
        slope / P * (dtp + intercept * log(p_left / p_right)).
        """
        tp, fp, _, fn = self._counts()
        positives = tp + fp
        gained = tp[:-1] - tp[1:]
        slope = ops.divide_no_nan(gained, ops.maximum(positives[:-1] - positives[1:], 0.0))
        intercept = tp[1:] - slope * positives[1:]
        both = ops.logical_and(ops.greater(positives[:-1], 0.0), ops.greater(positives[1:], 0.0))
        growth = ops.where(both, ops.divide_no_nan(positives[:-1], positives[1:]), 1.0)
        return ops.divide_no_nan(slope * (gained + intercept * ops.log(growth)), tp[1:] + fn[1:])

    def get_config(self):
        weights = self.label_weights
        config = {
            **super().get_config(),
            "num_thresholds": self.num_thresholds,
            "curve": self.curve,
            "summation_method": self.summation_method,
            "multi_label": self.multi_label,
            "num_labels": self.num_labels,
            "label_weights": None if weights is None else weights.tolist(),
            "from_logits": self._from_logits,
        }
        if self._init_thresholds is not None:
            config["thresholds"] = self._init_thresholds
        return config
