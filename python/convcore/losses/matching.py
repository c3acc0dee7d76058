"""Losses that match: embeddings of one class with each other, and sequences with labels of no known place."""

import math

from .. import ops
from ..core.dispatch import apply
from .loss import Loss, LossFunctionWrapper


def circle(y_true, y_pred, ref_labels=None, ref_embeddings=None, remove_diagonal=True, gamma=80, margin=0.4):
    """Circle loss: Sun et al., 2020, arXiv:2002.10857. One value per embedding.

    Args:
        y_true: Class numbers (batch,), or (batch, 1).
        y_pred: Embeddings of unit norm (batch, size).
        ref_labels: Class numbers of the reference embeddings; `y_true` by default.
        ref_embeddings: Embeddings of unit norm; `y_pred` by default.
        remove_diagonal: Whether an embedding does not match itself.
        gamma: Scale of the similarities.
        margin: Distance within a class that is small enough.
    """
    y_pred = ops.convert_to_tensor(y_pred)
    labels = ops.cast(y_true, "int32")
    references = y_pred if ref_embeddings is None else ops.convert_to_tensor(ref_embeddings)
    ref_labels = labels if ref_labels is None else ops.cast(ref_labels, "int32")
    distances = ops.maximum(1.0 - ops.matmul(y_pred, ops.transpose(references)), 0.0)
    labels, ref_labels = ops.reshape(labels, (-1, 1)), ops.reshape(ref_labels, (1, -1))
    same = ops.equal(labels, ref_labels)
    other = ops.logical_not(same)
    if remove_diagonal:
        same = ops.logical_and(same, ops.logical_not(_diagonal(distances)))
    near = ops.maximum(margin + distances, 0.0) * (margin - distances) * -gamma
    far = ops.maximum(1.0 + margin - distances, 0.0) * (1.0 - margin - distances) * gamma
    positive = ops.logsumexp(ops.where(same, near, -math.inf), axis=1)
    negative = ops.logsumexp(ops.where(other, far, -math.inf), axis=1)
    return ops.softplus(positive + negative)


def _diagonal(x):
    """Whether an entry of a matrix is on the diagonal; a matrix of unknown sizes must be square."""
    rows, columns = x.shape
    if rows is not None and columns is not None:
        return ops.eye(rows, columns, dtype="bool")
    # (n, n + 1) with ones in the first column, read as (n + 1, n), has them on the diagonal
    zeros = ops.zeros_like(x)
    first = ops.concatenate([ops.ones_like(x[:, :1]), zeros], axis=1)
    turned = apply("reshape_like", first, ops.concatenate([x, x[:1]], axis=0))
    return ops.greater(turned[:-1], 0.0)


class Circle(LossFunctionWrapper):
    """Circle loss of class numbers and embeddings of unit norm; those of loss 0 do not count in means.

    Sun et al., 2020, arXiv:2002.10857.

    Args:
        gamma: The scale of the similarities.
        margin: How far similarities must be from their best values.
        remove_diagonal: Whether to leave out the similarity of each embedding with itself.

    Shapes: `y_true` is `(batch,)` or `(batch, 1)`, `y_pred` `(batch, features)`.
    """

    def __init__(
        self,
        gamma=80.0,
        margin=0.4,
        remove_diagonal=True,
        reduction="sum_over_batch_size",
        name="circle",
        dtype=None,
    ):
        super().__init__(
            circle,
            name=name,
            reduction=reduction,
            dtype=dtype,
            gamma=gamma,
            margin=margin,
            remove_diagonal=remove_diagonal,
        )

    def compute_mask(self, y_true, y_pred, values):
        return ops.greater(values, 0.0)


def ctc(y_true, y_pred):
    """The negative logarithm of the probability of label sequences; see `ops.ctc_loss`.

    Args:
        y_true: Class numbers (batch, labels); 0 is the blank and fills sequences up.
        y_pred: Logits (batch, steps, classes).
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if len(y_true.shape) != 2 or len(y_pred.shape) != 3:
        raise ValueError(
            "ctc: expected y_true (batch, labels) and y_pred (batch, steps, classes). Received shapes "
            f"{tuple(y_true.shape)} and {tuple(y_pred.shape)}"
        )
    lengths = ops.sum(ops.cast(ops.not_equal(y_true, 0), "int32"), axis=-1)
    steps = ops.full_like(lengths, y_pred.shape[1])
    return ops.ctc_loss(y_true, y_pred, lengths, steps)


class CTC(LossFunctionWrapper):
    """Connectionist temporal classification: label sequences whose places in the steps are not known."""

    def __init__(self, reduction="sum_over_batch_size", name="ctc", dtype=None):
        super().__init__(ctc, name=name, reduction=reduction, dtype=dtype)

    def get_config(self):
        return Loss.get_config(self)
