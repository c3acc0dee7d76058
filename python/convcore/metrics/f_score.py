"""F-scores: the harmonic mean of precision and recall, per class or averaged."""

from .. import ops
from ..config import epsilon
from .metric import Metric


def _check_float(where, name, value, rule, holds):
    if not isinstance(value, float):
        raise ValueError(
            f"{where}: Invalid `{name}` argument value. It should be a Python float. Received: "
            f"{name}={value} of type '{type(value)}'"
        )
    if not holds():
        raise ValueError(
            f"{where}: Invalid `{name}` argument value. It should {rule}. Received: {name}={value}"
        )


class FBetaScore(Metric):
    """(1 + beta²) * precision * recall / (beta² * precision + recall).

    Args:
        average: None (one score per class), `"micro"` (over all decisions together), `"macro"` (the mean over
            the classes) or `"weighted"` (by the number of positives of each class).
        beta: How much more recall counts than precision, a float > 0.
        threshold: Scores above it are positive; None: the largest score of each sample.
        name: Name of the metric.
        dtype: Dtype of the state.

    Targets and predictions have shape `(batch, classes)`.
    """

    _direction = "up"
    COUNTS = ("true_positives", "false_positives", "false_negatives", "intermediate_weights")

    def __init__(self, average=None, beta=1.0, threshold=None, name="fbeta_score", dtype=None):
        super().__init__(name=name, dtype=dtype)
        where = type(self).__name__
        if average not in (None, "micro", "macro", "weighted"):
            raise ValueError(
                f"{where}: Invalid `average` argument value. Expected one of: {{None, 'micro', 'macro', "
                f"'weighted'}}. Received: average={average}"
            )
        _check_float(where, "beta", beta, "be > 0", lambda: beta > 0)
        if threshold is not None:
            _check_float(
                where, "threshold", threshold, "verify 0 < threshold <= 1", lambda: 0 < threshold <= 1
            )
        self.average = average
        self.beta = beta
        self.threshold = threshold
        self._built = False

    def _build(self, y_true_shape, y_pred_shape):
        shapes = (tuple(y_true_shape), tuple(y_pred_shape))
        if any(len(shape) != 2 or shape[-1] is None for shape in shapes):
            raise ValueError(
                f"{type(self).__name__} expects 2D inputs with shape (batch_size, output_dim)"
                f"{', with output_dim fully defined (not None)' if len(shapes[1]) == 2 else ''}. "
                f"Received input shapes: y_pred.shape={shapes[1]} and y_true.shape={shapes[0]}."
            )
        shape = () if self.average == "micro" else shapes[1][1:]
        for name in self.COUNTS:
            setattr(self, name, self.add_variable(shape, name=name))
        self._built = True

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_true = ops.convert_to_tensor(y_true, dtype=self.dtype)
        y_pred = ops.convert_to_tensor(y_pred, dtype=self.dtype)
        if not self._built:
            self._build(y_true.shape, y_pred.shape)
        if self.threshold is None:
            largest = ops.greater_equal(y_pred, ops.max(y_pred, axis=-1, keepdims=True))
            y_pred = ops.logical_and(largest, ops.greater(ops.abs(y_pred), 1e-9))  # no decision for all zeros
        else:
            y_pred = ops.greater(y_pred, self.threshold)
        y_pred = ops.cast(y_pred, self.dtype)
        weight = None
        if sample_weight is not None:
            weight = ops.expand_dims(ops.convert_to_tensor(sample_weight, dtype=self.dtype), 1)
        batch = (y_pred * y_true, y_pred * (1.0 - y_true), (1.0 - y_pred) * y_true, y_true)
        for name, values in zip(self.COUNTS, batch, strict=True):
            weighted = values if weight is None else values * weight
            getattr(self, name).assign_add(ops.sum(weighted, axis=None if self.average == "micro" else 0))

    def result(self):
        if not self._built:
            return ops.zeros((), self.dtype)
        tp, fp, fn, weights = (ops.convert_to_tensor(getattr(self, name)) for name in self.COUNTS)
        precision = tp / (tp + fp + epsilon())
        recall = tp / (tp + fn + epsilon())
        square = self.beta**2
        score = precision * recall / (precision * square + recall + epsilon()) * (1.0 + square)
        if self.average == "weighted":
            return ops.sum(score * (weights / (ops.sum(weights) + epsilon())))
        return score if self.average is None else ops.mean(score)

    def get_config(self):
        own = {"average": self.average, "beta": self.beta, "threshold": self.threshold}
        return {**super().get_config(), **own}


class F1Score(FBetaScore):
    """The F-score in which precision and recall count alike.

    Args:
        average: None, `"micro"`, `"macro"` or `"weighted"`, as for `FBetaScore`.
        threshold: Scores above it are positive; None: the largest score of each sample.
        name: Name of the metric.
        dtype: Dtype of the state.
    """

    def __init__(self, average=None, threshold=None, name="f1_score", dtype=None):
        super().__init__(average, 1.0, threshold, name, dtype)

    def get_config(self):
        config = super().get_config()
        del config["beta"]
        return config
