"""Sums of the rows that belong together, under the names of ``keras.ops``."""

import numpy as np

from ..core.dispatch import apply, operation
from ..core.trace import is_tensor
from .numpy import logical_and, where
from .promotion import tensor
from .shapes import reshape


def check_segments(name, data, segment_ids):
    """ValueError unless ``segment_ids`` is a vector with a number for every row of ``data``."""
    if len(segment_ids.shape) != 1:
        raise ValueError(
            f"{name}: Argument `segment_ids` should be an 1-D vector, got shape: {tuple(segment_ids.shape)}"
        )
    rows, count = data.shape[0], segment_ids.shape[0]
    if None not in (rows, count) and rows != count:
        raise ValueError(
            f"{name}: Argument `segment_ids` and `data` should have same leading dimension. Received "
            f"{tuple(segment_ids.shape)} and {tuple(data.shape)}"
        )


def segment_count(name, segment_ids, num_segments):
    """The number of segments, by default as many as the numbers at hand need."""
    if num_segments is not None:
        return int(num_segments)
    if is_tensor(segment_ids):
        raise ValueError(
            f"{name}: expected num_segments inside a recorded function, where the numbers are not known"
        )
    return int(segment_ids.max()) + 1


@operation
def segment_sum(data, segment_ids, num_segments=None, sorted=False):
    """For each segment the sum of the rows of ``data`` (along its first axis) that have its number.

    Args:
        data: Array of shape ``(rows, ...)``.
        segment_ids: Integers of shape ``(rows,)``; rows of numbers outside of the segments are left out.
        num_segments: Number of segments; by default the largest number plus one, which needs the numbers at
            hand.
        sorted: Accepted for Keras's signature: the sums are the same either way, in the order of the rows.
    """
    data, segment_ids = tensor(data), tensor(segment_ids, "int32")
    check_segments("segment_sum", data, segment_ids)
    num_segments = segment_count("segment_sum", segment_ids, num_segments)
    inside = logical_and(segment_ids >= 0, segment_ids < num_segments)
    data = where(reshape(inside, [-1] + [1] * (len(data.shape) - 1)), data, 0)
    segment_ids = where(inside, segment_ids, 0)
    like = np.zeros((num_segments, *data.shape[1:]), str(data.dtype))
    return apply("take_backward", data, segment_ids, like, axis=0)


__all__ = ["segment_sum"]
