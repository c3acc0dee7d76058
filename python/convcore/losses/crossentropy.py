"""The cross-entropies: binary, categorical, and categorical with integer labels."""

from .. import ops
from ..config import epsilon, floatx
from ..core.dtypes import is_float
from .loss import LossFunctionWrapper
from .regression import tensors


def clip_probability(p):
    """Keeps log(p) and log(1 - p) finite; the gradient is zero where this acts."""
    return ops.clip(p, epsilon(), 1.0 - epsilon())


def floating(x):
    x = ops.convert_to_tensor(x)
    return x if is_float(str(x.dtype)) else ops.cast(x, floatx())


def check_axis(axis):
    if isinstance(axis, bool) or not isinstance(axis, int):
        raise ValueError(f"`axis` must be an integer. Received: axis={axis!r}")
    return axis


def check_shapes(loss, y_true_shape, y_pred_shape, expected):
    """Raises ValueError unless the known dimensions of y_true are those `expected` beside y_pred."""
    agree = len(y_true_shape) == len(expected) and all(
        a is None or b is None or a == b for a, b in zip(y_true_shape, expected, strict=True)
    )
    if not agree:
        raise ValueError(
            f"{loss}: targets and predictions must have the same shape; for predictions of shape "
            f"{tuple(y_pred_shape)} the targets must have shape {tuple(expected)}. "
            f"Received: y_true.shape={tuple(y_true_shape)}, y_pred.shape={tuple(y_pred_shape)}."
            f"{_other_loss(tuple(y_true_shape), tuple(y_pred_shape), tuple(expected))}"
        )


def _other_loss(labels, predictions, expected):
    """What labels of another form than the loss takes are for, as a sentence."""
    if len(expected) < len(predictions):
        if labels == predictions:
            return " One-hot labels are for the loss categorical_crossentropy."
    elif labels in (predictions[:-1], (*predictions[:-1], 1)) and predictions[-1] != 1:
        return (
            " Integer labels are for the loss sparse_categorical_crossentropy; "
            "convcore.utils.to_categorical makes one-hot labels of them."
        )
    return ""


def binary_values(y_true, y_pred, from_logits):
    """The cross-entropy of every element."""
    if from_logits:
        return ops.maximum(y_pred, 0.0) - y_pred * y_true + ops.softplus(-ops.abs(y_pred))
    q = clip_probability(y_pred)
    return -(y_true * ops.log(q) + (1.0 - y_true) * ops.log(1.0 - q))


def binary_crossentropy(y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1):
    """Cross-entropy between labels in [0, 1] and probabilities (or logits), the mean over `axis`."""
    check_axis(axis)
    y_true, y_pred = tensors(y_true, y_pred)
    check_shapes("binary_crossentropy", y_true.shape, y_pred.shape, y_pred.shape)
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing
    return ops.mean(binary_values(y_true, y_pred, from_logits), axis=axis)


def log_probability(y_pred, from_logits, axis):
    """log of the normalised predictions along `axis`, clipped where they are probabilities."""
    if from_logits:
        return ops.log_softmax(y_pred, axis=axis)
    return ops.log(clip_probability(y_pred / ops.sum(y_pred, axis=axis, keepdims=True)))


def smooth_one_hot(y_true, label_smoothing):
    if not label_smoothing:
        return y_true
    return y_true * (1.0 - label_smoothing) + label_smoothing / y_true.shape[-1]


def categorical_crossentropy(y_true, y_pred, from_logits=False, label_smoothing=0.0, axis=-1):
    """Cross-entropy between one-hot labels and class probabilities (or logits) along `axis`."""
    check_axis(axis)
    y_pred = floating(y_pred)
    y_true = ops.convert_to_tensor(y_true, dtype=str(y_pred.dtype))
    check_shapes("categorical_crossentropy", y_true.shape, y_pred.shape, y_pred.shape)
    y_true = smooth_one_hot(y_true, label_smoothing)
    return -ops.sum(y_true * log_probability(y_pred, from_logits, axis), axis=axis)


def sparse_labels(y_true, y_pred, axis):
    """Integer labels without the size-1 axis in the place of the classes."""
    labels = ops.convert_to_tensor(y_true)
    if len(labels.shape) == len(y_pred.shape) and labels.shape[axis] == 1:
        labels = ops.squeeze(labels, axis=axis)
    shape = list(y_pred.shape)
    del shape[axis]
    check_shapes("sparse_categorical_crossentropy", labels.shape, y_pred.shape, shape)
    return ops.cast(labels, "int32")


def sparse_categorical_crossentropy(y_true, y_pred, from_logits=False, ignore_class=None, axis=-1):
    """Cross-entropy between integer labels and class probabilities (or logits) along `axis`; entries whose
    label is
    `ignore_class` give 0."""
    check_axis(axis)
    y_pred = floating(y_pred)
    labels = sparse_labels(y_true, y_pred, axis)
    valid = None
    if ignore_class is not None:
        valid = ops.not_equal(labels, ignore_class)
        labels = ops.where(valid, labels, 0)
    target = ops.one_hot(labels, y_pred.shape[axis], axis=axis, dtype=str(y_pred.dtype))
    if from_logits:
        values = -ops.sum(target * ops.log_softmax(y_pred, axis=axis), axis=axis)
    else:
        hit = ops.sum(target * y_pred, axis=axis) / ops.sum(y_pred, axis=axis)
        values = -ops.log(clip_probability(hit))
    return values if valid is None else ops.where(valid, values, 0.0)


class BinaryCrossentropy(LossFunctionWrapper):
    """Cross-entropy of two classes, for targets 0 and 1.

    Args:
        from_logits: Whether `y_pred` holds logits instead of probabilities.
        label_smoothing: Float in [0, 1]; targets are drawn towards 0.5 by this much.
        axis: The axis over which the mean is taken.

    Shapes: `y_true` and `y_pred` are `(batch, ..)` alike.

    Example:

    >>> round(float(BinaryCrossentropy()([[1.0], [0.0]], [[0.8], [0.4]])), 4)
    0.367
    """

    def __init__(
        self,
        from_logits=False,
        label_smoothing=0.0,
        axis=-1,
        reduction="sum_over_batch_size",
        name="binary_crossentropy",
        dtype=None,
    ):
        arguments = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(binary_crossentropy, name=name, reduction=reduction, dtype=dtype, **arguments)


class CategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of several classes, for one-hot targets.

    Args:
        from_logits: Whether `y_pred` holds logits instead of probabilities.
        label_smoothing: Float in [0, 1]; targets become `y * (1 - s) + s / classes`.
        axis: The axis of the classes.

    Shapes: `y_true` and `y_pred` are `(batch, .., classes)`; the values lack `axis`.

    Example:

    >>> round(float(CategoricalCrossentropy()([[0.0, 1.0, 0.0]], [[0.1, 0.7, 0.2]])), 4)
    0.3567
    """

    def __init__(
        self,
        from_logits=False,
        label_smoothing=0.0,
        axis=-1,
        reduction="sum_over_batch_size",
        name="categorical_crossentropy",
        dtype=None,
    ):
        arguments = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(categorical_crossentropy, name=name, reduction=reduction, dtype=dtype, **arguments)


class SparseCategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of several classes, for integer targets of shape `(..)` or `(.., 1)`.

    Args:
        from_logits: Whether `y_pred` holds logits instead of probabilities.
        ignore_class: Label of the entries that do not count, in the sum nor in the mean.
        axis: The axis of the classes.

    Shapes: `y_true` is `(batch, ..)` or `(batch, .., 1)`, `y_pred` `(batch, .., classes)`.

    Raises:
        ValueError: for labels of other shapes, and in `fit` for labels outside [0, classes).

    Example:

    >>> round(float(SparseCategoricalCrossentropy()([1], [[0.1, 0.7, 0.2]])), 4)
    0.3567
    """

    def __init__(
        self,
        from_logits=False,
        ignore_class=None,
        reduction="sum_over_batch_size",
        axis=-1,
        name="sparse_categorical_crossentropy",
        dtype=None,
    ):
        arguments = {"from_logits": from_logits, "ignore_class": ignore_class, "axis": axis}
        super().__init__(
            sparse_categorical_crossentropy, name=name, reduction=reduction, dtype=dtype, **arguments
        )

    def compute_mask(self, y_true, y_pred, values):
        ignore_class, axis = self._fn_kwargs["ignore_class"], self._fn_kwargs["axis"]
        if ignore_class is None:
            return None
        return ops.not_equal(sparse_labels(y_true, y_pred, axis), ignore_class)


def categorical_generalized_cross_entropy(y_true, y_pred, q):
    """(1 - p^q) / q for the probability p of the integer label: between the mean absolute error (q = 1) and
    the cross-entropy (q towards 0), for noisy labels (Zhang & Sabuncu, 2018).
    """
    y_pred = floating(y_pred)
    labels = sparse_labels(y_true, y_pred, -1)
    chosen = ops.one_hot(labels, y_pred.shape[-1], dtype=str(y_pred.dtype))
    return (1.0 - ops.power(ops.sum(y_pred * chosen, axis=-1), q)) / q


class CategoricalGeneralizedCrossEntropy(LossFunctionWrapper):
    """Generalized cross-entropy of several classes, for integer targets, some of which may be wrong.

    Args:
        q: Float in (0, 1); the larger, the less single wrong labels weigh.
    """

    def __init__(
        self,
        q=0.5,
        reduction="sum_over_batch_size",
        name="categorical_generalized_cross_entropy",
        dtype=None,
    ):
        if not 0 < q < 1:
            raise ValueError(
                f"CategoricalGeneralizedCrossEntropy: `q` must be in the interval (0, 1). Received: q={q!r}"
            )
        super().__init__(
            categorical_generalized_cross_entropy, name=name, reduction=reduction, dtype=dtype, q=q
        )
