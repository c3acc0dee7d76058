"""Metrics of regressions: correlation of targets with predictions, and the explained part of the variance."""

import warnings
from typing import Any

import numpy as np

from .. import ops
from ..config import epsilon
from ..core.trace import is_tensor
from ..losses.reduction import align_ranks, count
from ..losses.regression import tensors
from .metric import Metric
from .reduction import MeanMetricWrapper


def pearson_correlation(y_true, y_pred, axis=-1):
    """The covariance over the product of the standard deviations, along `axis`."""
    y_true, y_pred = (x - ops.mean(x, axis=axis, keepdims=True) for x in tensors(y_true, y_pred))
    y_true, y_pred = (x / ops.std(x, axis=axis, keepdims=True) for x in (y_true, y_pred))
    return ops.mean(y_true * y_pred, axis=axis)


def concordance_correlation(y_true, y_pred, axis=-1):
    """Twice the covariance over the sum of the variances and the squared difference of the means, along
    `axis` (Lin, "A concordance correlation coefficient to evaluate reproducibility", 1989).
    """
    y_true, y_pred = tensors(y_true, y_pred)
    mean_true, mean_pred = (ops.mean(x, axis=axis, keepdims=True) for x in (y_true, y_pred))
    spread = ops.var(y_true, axis=axis, keepdims=True) + ops.var(y_pred, axis=axis, keepdims=True)
    # As in Keras: the mean of the deviations of y_pred is 0, so that any constant may be taken from y_true.
    both = (y_true - mean_pred) * (y_pred - mean_pred)
    return ops.mean(2.0 * both / (spread + ops.square(mean_true - mean_pred) + epsilon()), axis=axis)


class PearsonCorrelation(MeanMetricWrapper):
    """The mean Pearson correlation of targets and predictions along `axis`."""

    def __init__(self, name="pearson_correlation", dtype=None, axis=-1):
        super().__init__(pearson_correlation, name=name, dtype=dtype, axis=axis)
        self.axis = axis
        self._direction = "up"


class ConcordanceCorrelation(MeanMetricWrapper):
    """The mean concordance correlation of targets and predictions along `axis`."""

    def __init__(self, name="concordance_correlation", dtype=None, axis=-1):
        super().__init__(concordance_correlation, name=name, dtype=dtype, axis=axis)
        self.axis = axis
        self._direction = "up"


class R2Score(Metric):
    """The coefficient of determination: 1 - (sum of squared errors) / (sum of squared deviations).

    Args:
        class_aggregation: `"uniform_average"` over the outputs, `"variance_weighted_average"`, or None for
            one score per output.
        num_regressors: Number of predictors of an adjusted score; 0 for the plain one.
        name: Name of the metric.
        dtype: Dtype of the state.

    Targets and predictions have shape `(batch, outputs)`.
    """

    _direction = "up"
    SUMS = ("squared_sum", "sum", "total_mse", "count")
    squared_sum: Any
    sum: Any
    total_mse: Any
    count: Any

    def __init__(self, class_aggregation="uniform_average", num_regressors=0, name="r2_score", dtype=None):
        super().__init__(name=name, dtype=dtype)
        allowed = (None, "uniform_average", "variance_weighted_average")
        if class_aggregation not in allowed:
            raise ValueError(
                f"R2Score: Invalid value for argument `class_aggregation`. Expected one of {allowed}. "
                f"Received: class_aggregation={class_aggregation!r}"
            )
        if num_regressors < 0:
            raise ValueError(
                "R2Score: Invalid value for argument `num_regressors`, expected a number >= 0. "
                f"Received: num_regressors={num_regressors}"
            )
        self.class_aggregation = class_aggregation
        self.num_regressors = num_regressors
        self.num_samples = self.add_variable((), name="num_samples")
        self._built = False

    def _build(self, y_true_shape, y_pred_shape):
        shapes = (tuple(y_true_shape), tuple(y_pred_shape))
        if any(len(shape) != 2 or shape[-1] is None for shape in shapes):
            raise ValueError(
                "R2Score expects 2D inputs with shape (batch, outputs), targets and predictions. "
                f"Received: y_true.shape={shapes[0]}, y_pred.shape={shapes[1]}"
            )
        for name in self.SUMS:
            saved_as = "residual" if name == "total_mse" else name
            setattr(self, name, self.add_variable(shapes[1][1:], name=saved_as))
        self._built = True

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_true = ops.convert_to_tensor(y_true, dtype=self.dtype)
        y_pred = ops.convert_to_tensor(y_pred, dtype=self.dtype)
        y_true, y_pred = align_ranks(y_true, y_pred)
        if not self._built:
            self._build(y_true.shape, y_pred.shape)
        weight = ops.ones_like(y_true)
        if sample_weight is not None:
            given = ops.convert_to_tensor(sample_weight, dtype=self.dtype)
            weight = weight * (ops.expand_dims(given, 1) if len(given.shape) == 1 else given)
        self.sum.assign_add(ops.sum(y_true * weight, axis=0))
        self.squared_sum.assign_add(ops.sum(y_true * y_true * weight, axis=0))
        self.total_mse.assign_add(ops.sum(ops.square(y_true - y_pred) * weight, axis=0))
        self.count.assign_add(ops.sum(weight, axis=0))
        self.num_samples.assign_add(ops.cast(count(y_true), self.dtype))

    def result(self):
        if not self._built:
            return ops.zeros((), self.dtype)
        squares, total, errors, number = (ops.convert_to_tensor(getattr(self, name)) for name in self.SUMS)
        variance = squares - total * (total / number)
        scores = 1.0 - errors / variance
        scores = ops.where(ops.isinf(scores), 0.0, scores)
        if self.class_aggregation == "uniform_average":
            scores = ops.mean(scores)
        elif self.class_aggregation == "variance_weighted_average":
            scores = ops.sum(variance * scores) / ops.sum(variance)
        return self._adjusted(scores) if self.num_regressors else scores

    def _adjusted(self, score):
        """The adjusted score where the samples suffice, else the plain one."""
        samples = ops.convert_to_tensor(self.num_samples)
        freedom = samples - float(self.num_regressors) - 1.0
        if not is_tensor(freedom) and np.asarray(freedom) <= 0:
            warnings.warn(
                f"R2Score: {self.num_regressors} predictors need more samples than {float(samples):.0f} for "
                "an adjusted score. Returning the plain one.",
                stacklevel=3,
            )
        adjusted = 1.0 - (1.0 - score) * (samples - 1.0) / ops.maximum(freedom, 1.0)
        return ops.where(ops.greater(freedom, 0.0), adjusted, score)

    def get_config(self):
        own = {"class_aggregation": self.class_aggregation, "num_regressors": self.num_regressors}
        return {**super().get_config(), **own}
