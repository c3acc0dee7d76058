"""Integers as vectors of zeros and ones."""

from .. import config
from ..core.dispatch import apply, operation
from .promotion import normalized_axes, refuse_sparse, tensor


@operation
def one_hot(x, num_classes, axis=-1, dtype=None, sparse=False):
    """1 at the class given by each integer, else 0; integers outside the range give zeros."""
    refuse_sparse("one_hot", sparse=sparse)
    x = tensor(x)
    if str(x.dtype) not in ("int32", "int64"):
        x = tensor(x, "int32")
    y = apply("one_hot", x, num_classes=int(num_classes), dtype=dtype or config.floatx())
    rank = len(y.shape)
    (axis,) = normalized_axes(axis, rank, "one_hot")
    if axis == rank - 1:
        return y
    axes = list(range(rank - 1))
    axes.insert(axis, rank - 1)
    return apply("transpose", y, axes=axes)


@operation
def multi_hot(inputs, num_classes=None, axis=-1, dtype=None, sparse=False):
    """1 at each class that is among the labels of a sample, else 0: the maximum of their one-hot vectors."""
    refuse_sparse("multi_hot", sparse=sparse)
    hot = one_hot(inputs, num_classes, axis, dtype)
    return apply("max", hot, axes=[1 if len(inputs.shape) > 1 else 0], keepdims=False)


__all__ = ["multi_hot", "one_hot"]
