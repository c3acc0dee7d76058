"""Losses between distributions and counts: Kullback-Leibler, Poisson, Dice and Tversky overlap."""

from .. import ops
from ..config import epsilon
from .loss import LossFunctionWrapper
from .regression import tensors


def kl_divergence(y_true, y_pred):
    """The sum of y_true * log(y_true / y_pred) over the last axis, both clipped to [epsilon, 1]."""
    y_true, y_pred = tensors(y_true, y_pred)
    y_true, y_pred = ops.clip(y_true, epsilon(), 1.0), ops.clip(y_pred, epsilon(), 1.0)
    return ops.sum(y_true * ops.log(y_true / y_pred), axis=-1)


def poisson(y_true, y_pred):
    """The mean of y_pred - y_true * log(y_pred) over the last axis."""
    y_true, y_pred = tensors(y_true, y_pred)
    return ops.mean(y_pred - y_true * ops.log(y_pred + epsilon()), axis=-1)


def dice(y_true, y_pred, axis=None):
    """1 - 2 Σtp / (Σt + Σp) over `axis`, by default over the whole batch."""
    y_true, y_pred = tensors(y_true, y_pred)
    both = ops.sum(y_true * y_pred, axis=axis)
    total = ops.sum(y_true, axis=axis) + ops.sum(y_pred, axis=axis)
    return 1.0 - ops.divide_no_nan(2.0 * both, total + epsilon())


def tversky(y_true, y_pred, alpha=0.5, beta=0.5, axis=None):
    """1 - TP / (TP + alpha FP + beta FN): alpha weighs false positives, beta false negatives, as documented
    by Keras.
    """
    y_true, y_pred = tensors(y_true, y_pred)
    both = ops.sum(y_true * y_pred, axis=axis)
    false_positives = ops.sum((1.0 - y_true) * y_pred, axis=axis)
    false_negatives = ops.sum(y_true * (1.0 - y_pred), axis=axis)
    return 1.0 - ops.divide_no_nan(both, both + alpha * false_positives + beta * false_negatives + epsilon())


class KLDivergence(LossFunctionWrapper):
    """Kullback-Leibler divergence: the sum of y_true log(y_true / y_pred) over the last axis.

    Both are probabilities, clipped to [`config.epsilon()`, 1].

    Shapes: `y_true` and `y_pred` are `(batch, ..)` alike; the values lack the last axis.
    """

    def __init__(self, reduction="sum_over_batch_size", name="kl_divergence", dtype=None):
        super().__init__(kl_divergence, name=name, reduction=reduction, dtype=dtype)


class Poisson(LossFunctionWrapper):
    """Negative log-likelihood of counts under Poisson rates, up to a constant: y_pred - y_true log(y_pred).

    Shapes: `y_true` and `y_pred` are `(batch, ..)` alike; each value is a mean over the last axis.
    """

    def __init__(self, reduction="sum_over_batch_size", name="poisson", dtype=None):
        super().__init__(poisson, name=name, reduction=reduction, dtype=dtype)


class Dice(LossFunctionWrapper):
    """One minus the Dice overlap of two masks: 1 - 2 Σ y_true y_pred / (Σ y_true + Σ y_pred).

    Args:
        axis: The axes of the sums; None means all, so that a batch has one value.
    """

    def __init__(self, reduction="sum_over_batch_size", name="dice", axis=None, dtype=None):
        super().__init__(dice, name=name, reduction=reduction, dtype=dtype, axis=axis)


class Tversky(LossFunctionWrapper):
    """One minus the Tversky index: 1 - TP / (TP + alpha FP + beta FN). Both at 0.5 give Dice.

    Args:
        alpha: The weight of false positives.
        beta: The weight of false negatives.
        axis: The axes of the sums; None means all, so that a batch has one value.
    """

    def __init__(
        self, alpha=0.5, beta=0.5, reduction="sum_over_batch_size", name="tversky", axis=None, dtype=None
    ):
        super().__init__(
            tversky, name=name, reduction=reduction, dtype=dtype, alpha=alpha, beta=beta, axis=axis
        )
