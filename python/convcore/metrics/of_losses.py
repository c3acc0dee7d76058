"""Loss functions as metrics: running means over everything seen since the last reset."""

from .. import losses, ops
from ..losses.crossentropy import sparse_labels
from .reduction import Mean, MeanMetricWrapper


def cosine_similarity(y_true, y_pred, axis=-1):
    """The cosine of the angle between the vectors along `axis`; the loss of this name has the other sign."""
    return -losses.cosine_similarity(y_true, y_pred, axis=axis)


class MeanSquaredError(MeanMetricWrapper):
    """Mean of squares of errors."""

    def __init__(self, name="mean_squared_error", dtype=None):
        super().__init__(losses.mean_squared_error, name=name, dtype=dtype)


class RootMeanSquaredError(Mean):
    """Square root of the mean of squares of errors."""

    _direction = "down"

    def __init__(self, name="root_mean_squared_error", dtype=None):
        super().__init__(name=name, dtype=dtype)

    def update_state(self, y_true, y_pred, sample_weight=None):  # type: ignore[override]
        y_true, y_pred = losses.regression.tensors(y_true, y_pred)
        super().update_state(ops.square(y_pred - y_true), sample_weight=sample_weight)

    def result(self):
        return ops.sqrt(super().result())


class MeanAbsoluteError(MeanMetricWrapper):
    """Mean of absolute errors."""

    def __init__(self, name="mean_absolute_error", dtype=None):
        super().__init__(losses.mean_absolute_error, name=name, dtype=dtype)


class MeanAbsolutePercentageError(MeanMetricWrapper):
    """Mean of absolute errors in per cent of the targets."""

    def __init__(self, name="mean_absolute_percentage_error", dtype=None):
        super().__init__(losses.mean_absolute_percentage_error, name=name, dtype=dtype)


class MeanSquaredLogarithmicError(MeanMetricWrapper):
    """Mean of squares of the errors of log(y + 1)."""

    def __init__(self, name="mean_squared_logarithmic_error", dtype=None):
        super().__init__(losses.mean_squared_logarithmic_error, name=name, dtype=dtype)


class CosineSimilarity(MeanMetricWrapper):
    """Mean cosine of the angle between targets and predictions.

    Args:
        axis: The axis along which the vectors lie.
    """

    def __init__(self, name="cosine_similarity", dtype=None, axis=-1):
        super().__init__(cosine_similarity, name=name, dtype=dtype, axis=axis)
        self._direction = "up"


class LogCoshError(MeanMetricWrapper):
    """Mean logarithm of the hyperbolic cosine of the error."""

    def __init__(self, name="logcosh", dtype=None):
        super().__init__(losses.log_cosh, name=name, dtype=dtype)


class Hinge(MeanMetricWrapper):
    """Margin loss."""

    def __init__(self, name="hinge", dtype=None):
        super().__init__(losses.hinge, name=name, dtype=dtype)


class SquaredHinge(MeanMetricWrapper):
    """Squared margin loss."""

    def __init__(self, name="squared_hinge", dtype=None):
        super().__init__(losses.squared_hinge, name=name, dtype=dtype)


class CategoricalHinge(MeanMetricWrapper):
    """Margin loss of several classes, for one-hot targets."""

    def __init__(self, name="categorical_hinge", dtype=None):
        super().__init__(losses.categorical_hinge, name=name, dtype=dtype)


class KLDivergence(MeanMetricWrapper):
    """Kullback-Leibler divergence."""

    def __init__(self, name="kl_divergence", dtype=None):
        super().__init__(losses.kl_divergence, name=name, dtype=dtype)


class Poisson(MeanMetricWrapper):
    """Negative log-likelihood of counts under Poisson rates, up to a constant."""

    def __init__(self, name="poisson", dtype=None):
        super().__init__(losses.poisson, name=name, dtype=dtype)


class BinaryCrossentropy(MeanMetricWrapper):
    """Cross-entropy of two classes, as the loss of that name.

    Args:
        from_logits: Whether `y_pred` holds logits instead of probabilities.
        label_smoothing: Float in [0, 1]; targets are drawn towards 0.5 by this much.
    """

    def __init__(self, name="binary_crossentropy", dtype=None, from_logits=False, label_smoothing=0):
        arguments = {"from_logits": from_logits, "label_smoothing": label_smoothing}
        super().__init__(losses.binary_crossentropy, name=name, dtype=dtype, **arguments)


class CategoricalCrossentropy(MeanMetricWrapper):
    """Cross-entropy of several classes, for one-hot targets, as the loss of that name.

    Args:
        from_logits: Whether `y_pred` holds logits instead of probabilities.
        label_smoothing: Float in [0, 1]; targets become `y * (1 - s) + s / classes`.
        axis: The axis of the classes.
    """

    def __init__(
        self, name="categorical_crossentropy", dtype=None, from_logits=False, label_smoothing=0, axis=-1
    ):
        arguments = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(losses.categorical_crossentropy, name=name, dtype=dtype, **arguments)


class SparseCategoricalCrossentropy(MeanMetricWrapper):
    """Cross-entropy of several classes, for integer targets, as the loss of that name.

    Args:
        from_logits: Whether `y_pred` holds logits instead of probabilities.
        ignore_class: Label of the entries that do not count.
        axis: The axis of the classes.
    """

    def __init__(
        self,
        name="sparse_categorical_crossentropy",
        dtype=None,
        from_logits=False,
        ignore_class=None,
        axis=-1,
    ):
        arguments = {"from_logits": from_logits, "ignore_class": ignore_class, "axis": axis}
        super().__init__(losses.sparse_categorical_crossentropy, name=name, dtype=dtype, **arguments)

    def update_state(self, y_true, y_pred, sample_weight=None):  # type: ignore[override]
        # As in Keras, ignored entries leave the mean only together with sample weights; without, they count
        # as zeros.
        ignore_class = self._fn_kwargs["ignore_class"]
        if ignore_class is not None and sample_weight is not None:
            labels = sparse_labels(y_true, ops.convert_to_tensor(y_pred), self._fn_kwargs["axis"])
            valid = ops.cast(ops.not_equal(labels, ignore_class), self.dtype)
            sample_weight = ops.convert_to_tensor(sample_weight, dtype=self.dtype) * valid
        super().update_state(y_true, y_pred, sample_weight)
