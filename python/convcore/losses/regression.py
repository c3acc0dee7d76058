"""Losses between real-valued targets and predictions: one value per sample, the mean over the last axis."""

import math

from .. import ops
from ..config import epsilon, floatx
from ..core.dtypes import is_float
from .loss import LossFunctionWrapper
from .reduction import align_ranks


def tensors(y_true, y_pred):
    """Both as floating-point tensors of the predictions' dtype and of one rank."""
    y_pred = ops.convert_to_tensor(y_pred)
    if not is_float(str(y_pred.dtype)):
        y_pred = ops.cast(y_pred, floatx())
    y_true = ops.convert_to_tensor(y_true, dtype=str(y_pred.dtype))
    return align_ranks(y_true, y_pred)


def mean_squared_error(y_true, y_pred):
    """The mean of (y_true - y_pred)² over the last axis."""
    y_true, y_pred = tensors(y_true, y_pred)
    return ops.mean(ops.square(y_true - y_pred), axis=-1)


def mean_absolute_error(y_true, y_pred):
    """The mean of abs(y_true - y_pred) over the last axis."""
    y_true, y_pred = tensors(y_true, y_pred)
    return ops.mean(ops.abs(y_true - y_pred), axis=-1)


def mean_absolute_percentage_error(y_true, y_pred):
    """100 times the mean of abs((y_true - y_pred) / y_true); targets nearer to 0 than epsilon count as
    epsilon.
    """
    y_true, y_pred = tensors(y_true, y_pred)
    relative = ops.abs((y_true - y_pred) / ops.maximum(ops.abs(y_true), epsilon()))
    return 100.0 * ops.mean(relative, axis=-1)


def mean_squared_logarithmic_error(y_true, y_pred):
    """The mean of (log(y_true + 1) - log(y_pred + 1))²; values below epsilon count as epsilon."""
    y_true, y_pred = tensors(y_true, y_pred)
    log_true = ops.log(ops.maximum(y_true, epsilon()) + 1.0)
    log_pred = ops.log(ops.maximum(y_pred, epsilon()) + 1.0)
    return ops.mean(ops.square(log_true - log_pred), axis=-1)


def cosine_similarity(y_true, y_pred, axis=-1):
    """Minus the cosine of the angle between the two vectors along `axis`."""
    y_true, y_pred = tensors(y_true, y_pred)
    return -ops.sum(unit(y_true, axis) * unit(y_pred, axis), axis=axis)


def unit(x, axis):
    length = ops.sqrt(ops.maximum(ops.sum(ops.square(x), axis=axis, keepdims=True), epsilon() ** 2))
    return x / length


def huber(y_true, y_pred, delta=1.0):
    """Half the squared error up to `delta`, linear beyond."""
    y_true, y_pred = tensors(y_true, y_pred)
    size = ops.abs(y_true - y_pred)
    values = ops.where(size <= delta, 0.5 * ops.square(size), delta * size - 0.5 * delta * delta)
    return ops.mean(values, axis=-1)


def log_cosh(y_true, y_pred):
    """The mean of log(cosh(y_pred - y_true)), computed without overflow."""
    y_true, y_pred = tensors(y_true, y_pred)
    error = y_pred - y_true
    return ops.mean(error + ops.softplus(-2.0 * error) - math.log(2.0), axis=-1)


class MeanSquaredError(LossFunctionWrapper):
    """Mean of squares of errors: the mean of (y_true - y_pred)² over the last axis.

    Shapes: `y_true` and `y_pred` are `(batch, ..)` alike; each value is a mean over the last axis.

    Example:

    >>> float(MeanSquaredError()([[0.0, 1.0]], [[0.5, 3.0]]))
    2.125
    """

    def __init__(self, reduction="sum_over_batch_size", name="mean_squared_error", dtype=None):
        super().__init__(mean_squared_error, name=name, reduction=reduction, dtype=dtype)


class MeanAbsoluteError(LossFunctionWrapper):
    """Mean of sizes of errors: the mean of abs(y_true - y_pred) over the last axis.

    Shapes: `y_true` and `y_pred` are `(batch, ..)` alike; each value is a mean over the last axis.
    """

    def __init__(self, reduction="sum_over_batch_size", name="mean_absolute_error", dtype=None):
        super().__init__(mean_absolute_error, name=name, reduction=reduction, dtype=dtype)


class MeanAbsolutePercentageError(LossFunctionWrapper):
    """Mean error in percent of the targets: 100 times the mean of abs((y_true - y_pred) / y_true).

    Targets nearer to 0 than `config.epsilon()` count as epsilon.

    Shapes: `y_true` and `y_pred` are `(batch, ..)` alike; each value is a mean over the last axis.
    """

    def __init__(self, reduction="sum_over_batch_size", name="mean_absolute_percentage_error", dtype=None):
        super().__init__(mean_absolute_percentage_error, name=name, reduction=reduction, dtype=dtype)


class MeanSquaredLogarithmicError(LossFunctionWrapper):
    """Mean of squares of log(y_true + 1) - log(y_pred + 1); values below `config.epsilon()` count as epsilon.

    Shapes: `y_true` and `y_pred` are `(batch, ..)` alike; each value is a mean over the last axis.
    """

    def __init__(self, reduction="sum_over_batch_size", name="mean_squared_logarithmic_error", dtype=None):
        super().__init__(mean_squared_logarithmic_error, name=name, reduction=reduction, dtype=dtype)


class CosineSimilarity(LossFunctionWrapper):
    """Minus the cosine of the angle between both vectors: -1 for parallel ones, 1 for opposite ones.

    Args:
        axis: The axis along which the vectors lie.

    Shapes: `y_true` and `y_pred` are `(batch, ..)` alike; the values lack `axis`.
    """

    def __init__(self, axis=-1, reduction="sum_over_batch_size", name="cosine_similarity", dtype=None):
        super().__init__(cosine_similarity, name=name, reduction=reduction, dtype=dtype, axis=axis)


class Huber(LossFunctionWrapper):
    """Squared error near zero, absolute error beyond `delta`."""

    def __init__(self, delta=1.0, reduction="sum_over_batch_size", name="huber_loss", dtype=None):
        super().__init__(huber, name=name, reduction=reduction, dtype=dtype, delta=delta)


class LogCosh(LossFunctionWrapper):
    """Logarithm of the hyperbolic cosine of the error x: near x² / 2 if small, abs(x) - log 2 if large.

    Shapes: `y_true` and `y_pred` are `(batch, ..)` alike; each value is a mean over the last axis.
    """

    def __init__(self, reduction="sum_over_batch_size", name="log_cosh", dtype=None):
        super().__init__(log_cosh, name=name, reduction=reduction, dtype=dtype)
