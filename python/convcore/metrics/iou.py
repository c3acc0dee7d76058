"""The confusion matrix of a classification, and intersection over union made of it."""

import warnings

from .. import ops
from ..config import epsilon
from ..core.arguments import positive_int
from ..core.variable import value_of
from .metric import Metric


class ConfusionMatrix(Metric):
    """Counts of (true class, predicted class): a matrix of shape `(num_classes, num_classes)`, rows are true
    classes. Keras has it as a part of its IoU metrics only.

    Args:
        num_classes: Number of classes. Entries whose label or prediction is not in [0, num_classes) do not
            count.
        name: Name of the metric.
        dtype: Dtype of the counts; `"int32"` by default, in which sample weights lose their fractions.
        ignore_class: True class of the entries that do not count.
        sparse_y_true: Whether targets are class numbers, not one-hot vectors.
        sparse_y_pred: Whether predictions are class numbers, not scores of the classes.
        axis: The axis of the classes where there is one.
    """

    def __init__(
        self,
        num_classes,
        name=None,
        dtype=None,
        ignore_class=None,
        sparse_y_true=True,
        sparse_y_pred=True,
        axis=-1,
    ):
        super().__init__(name=name, dtype=dtype or "int32")
        self.num_classes = positive_int(num_classes, "num_classes", type(self).__name__)
        self.ignore_class = ignore_class
        self.sparse_y_true = sparse_y_true
        self.sparse_y_pred = sparse_y_pred
        self.axis = axis
        self.total_cm = self.add_variable((num_classes, num_classes), name="total_confusion_matrix")

    def update_state(self, y_true, y_pred, sample_weight=None):
        labels, scores = (tuple(ops.convert_to_tensor(y).shape) for y in (y_true, y_pred))
        if self.sparse_y_pred and scores and labels == scores[:-1] and scores[-1] not in (1, None):
            raise ValueError(
                f"expected class numbers of the shape of the labels, {labels}; received {scores}. "
                f"For scores of classes use {type(self).__name__}(.., sparse_y_pred=False)."
            )
        y_true = self._classes(y_true, self.sparse_y_true)
        y_pred = self._classes(y_pred, self.sparse_y_pred)
        counts = ops.ones_like(y_true, dtype=self.dtype)
        if sample_weight is not None:
            counts = counts * self._weights(sample_weight)
        place = y_true * self.num_classes + y_pred
        inside = ops.logical_and(self._is_class(y_true), self._is_class(y_pred))
        if self.ignore_class is not None:
            inside = ops.logical_and(inside, ops.not_equal(y_true, self.ignore_class))
        pairs = self.num_classes**2
        place = ops.where(inside, place, pairs)
        sums = ops.segment_sum(counts, place, num_segments=pairs)
        self.total_cm.assign_add(ops.reshape(sums, [self.num_classes, self.num_classes]))

    def _is_class(self, y):
        return ops.logical_and(ops.greater_equal(y, 0), ops.less(y, self.num_classes))

    def _classes(self, y, sparse):
        y = ops.convert_to_tensor(y)
        return ops.reshape(ops.cast(y if sparse else ops.argmax(y, axis=self.axis), "int32"), [-1])

    def _weights(self, sample_weight):
        weight = ops.convert_to_tensor(sample_weight)
        if "float" in str(weight.dtype) and "int" in self.dtype:
            warnings.warn(
                f"{self.name}: the sample weights are float, but dtype={self.dtype!r} counts int: casting "
                "takes away their fractions. Pass dtype='float32' to keep them.",
                stacklevel=3,
            )
        weight = ops.cast(weight, self.dtype)
        return ops.reshape(weight, [-1]) if len(weight.shape) > 1 else weight

    def result(self):
        return value_of(self.total_cm)

    def get_config(self):
        names = ("num_classes", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


class IoU(ConfusionMatrix):
    """Intersection over union, TP / (TP + FP + FN), the mean over some classes. Classes that occur neither in
    the targets nor in the predictions do not count.

    Args:
        num_classes: Number of classes.
        target_class_ids: The classes that count.
        name: Name of the metric.
        dtype: Dtype of the counts; `"int32"` by default, in which sample weights lose their fractions.
        ignore_class: True class of the entries that do not count.
        sparse_y_true: Whether targets are class numbers, not one-hot vectors.
        sparse_y_pred: Whether predictions are class numbers, not scores of the classes.
        axis: The axis of the classes where there is one.
    """

    _direction = "up"

    def __init__(
        self,
        num_classes,
        target_class_ids,
        name=None,
        dtype=None,
        ignore_class=None,
        sparse_y_true=True,
        sparse_y_pred=True,
        axis=-1,
    ):
        super().__init__(num_classes, name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis)
        if max(target_class_ids) >= num_classes:
            raise ValueError(
                f"{type(self).__name__}: `target_class_ids` must be in [0, {num_classes}). "
                f"Received: target_class_ids={list(target_class_ids)}"
            )
        self.target_class_ids = list(target_class_ids)

    def result(self):
        matrix = ops.cast(self.total_cm, "float32")
        agree = ops.sum(matrix * ops.eye(self.num_classes, dtype="float32"), axis=0)
        union = ops.sum(matrix, axis=0) + ops.sum(matrix, axis=1) - agree
        agree, union = (ops.take(x, self.target_class_ids, axis=0) for x in (agree, union))
        present = ops.greater(union, 1e-9)
        each = ops.where(present, agree / (union + epsilon()), 0.0)
        return ops.sum(each) / (ops.sum(ops.cast(present, "float32")) + epsilon())

    def get_config(self):
        return {**super().get_config(), "target_class_ids": self.target_class_ids}


class BinaryIoU(IoU):
    """IoU of two classes, of which a score says how likely the second is.

    Args:
        target_class_ids: The classes that count: (0,), (1,) or both.
        threshold: Scores of at least this are class 1.
        name: Name of the metric.
        dtype: Dtype of the counts.
    """

    def __init__(self, target_class_ids=(0, 1), threshold=0.5, name=None, dtype=None):
        super().__init__(2, target_class_ids, name, dtype)
        self.threshold = threshold

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_pred = ops.convert_to_tensor(y_pred, dtype="float32")
        decided = ops.cast(ops.greater_equal(y_pred, self.threshold), "int32")
        super().update_state(y_true, decided, sample_weight)

    def get_config(self):
        return chosen(super().get_config(), "target_class_ids", "threshold", threshold=self.threshold)


class MeanIoU(IoU):
    """IoU, the mean over all classes.

    Args:
        num_classes: Number of classes.
        name: Name of the metric.
        dtype: Dtype of the counts; `"int32"` by default, in which sample weights lose their fractions.
        ignore_class: True class of the entries that do not count.
        sparse_y_true: Whether targets are class numbers, not one-hot vectors.
        sparse_y_pred: Whether predictions are class numbers, not scores of the classes.
        axis: The axis of the classes where there is one.
    """

    def __init__(
        self,
        num_classes,
        name=None,
        dtype=None,
        ignore_class=None,
        sparse_y_true=True,
        sparse_y_pred=True,
        axis=-1,
    ):
        every = range(num_classes)
        super().__init__(num_classes, every, name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis)

    def get_config(self):
        names = ("num_classes", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis")
        return chosen(super().get_config(), *names)


class OneHotIoU(IoU):
    """IoU for one-hot targets.

    Args:
        num_classes: Number of classes.
        target_class_ids: The classes that count.
        name: Name of the metric.
        dtype: Dtype of the counts.
        ignore_class: True class of the entries that do not count.
        sparse_y_pred: Whether predictions are class numbers, not scores of the classes.
        axis: The axis of the classes.
    """

    def __init__(
        self,
        num_classes,
        target_class_ids,
        name=None,
        dtype=None,
        ignore_class=None,
        sparse_y_pred=False,
        axis=-1,
    ):
        super().__init__(num_classes, target_class_ids, name, dtype, ignore_class, False, sparse_y_pred, axis)

    def get_config(self):
        names = ("num_classes", "target_class_ids", "ignore_class", "sparse_y_pred", "axis")
        return chosen(super().get_config(), *names)


class OneHotMeanIoU(MeanIoU):
    """IoU for one-hot targets, the mean over all classes.

    Args:
        num_classes: Number of classes.
        name: Name of the metric.
        dtype: Dtype of the counts.
        ignore_class: True class of the entries that do not count.
        sparse_y_pred: Whether predictions are class numbers, not scores of the classes.
        axis: The axis of the classes.
    """

    def __init__(self, num_classes, name=None, dtype=None, ignore_class=None, sparse_y_pred=False, axis=-1):
        super().__init__(num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis)

    def get_config(self):
        return chosen(super().get_config(), "num_classes", "ignore_class", "sparse_y_pred", "axis")


def chosen(config, *names, **more):
    """A configuration with the name, the dtype and these entries only."""
    config = {**config, **more}
    return {name: config[name] for name in ("name", "dtype", *names)}
