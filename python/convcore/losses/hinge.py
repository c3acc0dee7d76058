"""Margin losses for targets -1 and 1; targets that are all 0 or 1 are mapped to them first."""

from .. import ops
from .loss import LossFunctionWrapper
from .regression import tensors


def signs(y_true):
    binary = ops.all(ops.logical_or(ops.equal(y_true, 0.0), ops.equal(y_true, 1.0)))
    return ops.where(binary, 2.0 * y_true - 1.0, y_true)


def hinge(y_true, y_pred):
    """The mean of max(1 - y_true * y_pred, 0) over the last axis."""
    y_true, y_pred = tensors(y_true, y_pred)
    return ops.mean(ops.maximum(1.0 - signs(y_true) * y_pred, 0.0), axis=-1)


def squared_hinge(y_true, y_pred):
    """The mean of max(1 - y_true * y_pred, 0)² over the last axis."""
    y_true, y_pred = tensors(y_true, y_pred)
    return ops.mean(ops.square(ops.maximum(1.0 - signs(y_true) * y_pred, 0.0)), axis=-1)


def categorical_hinge(y_true, y_pred):
    """max(best wrong score - right score + 1, 0), for one-hot targets."""
    y_true, y_pred = tensors(y_true, y_pred)
    right = ops.sum(y_true * y_pred, axis=-1)
    wrong = ops.max((1.0 - y_true) * y_pred, axis=-1)
    return ops.maximum(wrong - right + 1.0, 0.0)


class Hinge(LossFunctionWrapper):
    """Margin loss: the mean of max(1 - y_true y_pred, 0) over the last axis; labels 0 count as -1.

    Shapes: `y_true` and `y_pred` are `(batch, ..)` alike; each value is a mean over the last axis.
    """

    def __init__(self, reduction="sum_over_batch_size", name="hinge", dtype=None):
        super().__init__(hinge, name=name, reduction=reduction, dtype=dtype)


class SquaredHinge(LossFunctionWrapper):
    """Squared margin loss: the mean of max(1 - y_true y_pred, 0)² over the last axis; labels 0 count as -1.

    Shapes: `y_true` and `y_pred` are `(batch, ..)` alike; each value is a mean over the last axis.
    """

    def __init__(self, reduction="sum_over_batch_size", name="squared_hinge", dtype=None):
        super().__init__(squared_hinge, name=name, reduction=reduction, dtype=dtype)


class CategoricalHinge(LossFunctionWrapper):
    """Margin loss of several classes, for one-hot targets: max(best wrong score - right score + 1, 0).

    Shapes: `y_true` and `y_pred` are `(batch, .., classes)`; the values lack the last axis.
    """

    def __init__(self, reduction="sum_over_batch_size", name="categorical_hinge", dtype=None):
        super().__init__(categorical_hinge, name=name, reduction=reduction, dtype=dtype)
