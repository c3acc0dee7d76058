"""Batches as (x, y, sample_weight), and class weights as sample weights."""

import numpy as np

from ...config import floatx
from ...core import tree


def pack_x_y_sample_weight(x, y=None, sample_weight=None):
    """The shortest form of a batch: x, (x, y) or (x, y, sample_weight).

    Example:

    >>> from convcore.utils import pack_x_y_sample_weight
    >>> pack_x_y_sample_weight(1, 2)
    (1, 2)
    """
    if y is None:
        return (x,) if isinstance(x, list | tuple) else x
    return (x, y) if sample_weight is None else (x, y, sample_weight)


def unpack_x_y_sample_weight(data):
    """(x, y, sample_weight) of a batch, None for what it lacks. A list counts as a tuple.

    Example:

    >>> from convcore.utils import unpack_x_y_sample_weight
    >>> unpack_x_y_sample_weight((1, 2))
    (1, 2, None)
    """
    if isinstance(data, list):
        data = tuple(data)
    if not isinstance(data, tuple):
        return data, None, None
    if 1 <= len(data) <= 3:
        return data + (None,) * (3 - len(data))
    raise ValueError(
        "Data is expected to be in format `x`, `(x,)`, `(x, y)`, or `(x, y, sample_weight)`. "
        f"Received a tuple of {len(data)} elements."
    )


def class_weight_to_sample_weights(y, class_weight):
    """One weight per sample, that of its class; classes that are not named weigh 1."""
    if not isinstance(class_weight, dict):
        raise ValueError(f"`class_weight` must be a dict from class to weight. Received: {class_weight!r}")
    if tree.is_nested(y):
        raise ValueError("`class_weight` is only supported for models with a single output.")
    if y is None:
        raise ValueError("`class_weight` needs targets. Received: y=None")
    y = np.asarray(y)
    if y.ndim > 1:
        y = y.argmax(axis=-1) if y.shape[-1] != 1 else y[..., 0]
    labels = np.round(y).astype("int64")
    wrong = [key for key in class_weight if not isinstance(key, int | np.integer)]
    if wrong:
        raise ValueError(
            "`class_weight` must be a dict from class to weight, with integers for the classes. "
            f"Received the keys {wrong}"
        )
    weights = np.ones(labels.shape, floatx())
    for label, weight in class_weight.items():
        weights[labels == label] = weight
    return weights
