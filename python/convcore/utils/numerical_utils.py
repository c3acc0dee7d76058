"""Small array helpers of data preparation."""

import numpy as np

from ..core.arguments import positive_int


def to_categorical(x, num_classes=None):
    """One-hot rows for integer class labels.

    Args:
        x: Labels, any shape; a last axis of size 1 is dropped.
        num_classes: Number of classes; the largest label plus one when None.

    Returns:
        A float64 array with one more axis, of size `num_classes`.

    Example:

    >>> from convcore.utils import to_categorical
    >>> to_categorical([0, 2, 1], num_classes=3)
    array([[1., 0., 0.],
           [0., 0., 1.],
           [0., 1., 0.]])
    """
    labels = np.asarray(x)
    if labels.dtype.kind not in "iubf" or (
        labels.dtype.kind == "f" and not np.all(labels == np.floor(labels))
    ):
        raise ValueError(
            f"to_categorical: expected integer class labels; received an array of type {labels.dtype}"
        )
    labels = labels.astype("int64")
    shape = labels.shape[:-1] if labels.ndim > 1 and labels.shape[-1] == 1 else labels.shape
    labels = labels.reshape(-1)
    if num_classes is None:
        if labels.size == 0:
            raise ValueError("to_categorical: expected `num_classes` or at least one label; received neither")
        num_classes = int(labels.max()) + 1
    num_classes = positive_int(num_classes, "num_classes", "to_categorical")
    outside = labels[(labels < 0) | (labels >= num_classes)]
    if outside.size:
        raise ValueError(
            f"to_categorical: expected labels from 0 to {num_classes - 1}; received {int(outside[0])}"
        )
    categorical = np.zeros((labels.size, num_classes))
    categorical[np.arange(labels.size), labels] = 1.0
    return categorical.reshape(*shape, num_classes)


def normalize(x, axis=-1, order=2):
    """Divides by the norm along an axis; vectors of zeros stay zeros.

    Args:
        x: Array.
        axis: Axis along which the norm is taken.
        order: Order of the norm, as in `numpy.linalg.norm`.

    Example:

    >>> from convcore.utils import normalize
    >>> normalize([[3.0, 4.0], [0.0, 0.0]])
    array([[0.6, 0.8],
           [0. , 0. ]])
    """
    if not isinstance(order, (int, float)) or order < 1:
        raise ValueError(f"normalize: argument `order`: expected a number of at least 1; received {order!r}")
    x = np.asarray(x)
    norm = np.atleast_1d(np.linalg.norm(x, order, axis))
    norm[norm == 0] = 1
    return x / np.expand_dims(norm, axis)
