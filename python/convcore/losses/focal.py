"""Focal cross-entropies: easy examples weigh less."""

from .. import ops
from .crossentropy import binary_values, check_axis, check_shapes, clip_probability, floating, smooth_one_hot
from .loss import LossFunctionWrapper
from .regression import tensors


def binary_focal_crossentropy(
    y_true,
    y_pred,
    apply_class_balancing=False,
    alpha=0.25,
    gamma=2.0,
    from_logits=False,
    label_smoothing=0.0,
    axis=-1,
):
    """Binary cross-entropy times (1 - p_t)^gamma, and times the class weight if `apply_class_balancing`."""
    check_axis(axis)
    y_true, y_pred = tensors(y_true, y_pred)
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing
    p = ops.sigmoid(y_pred) if from_logits else y_pred
    of_truth = y_true * p + (1.0 - y_true) * (1.0 - p)
    values = ops.power(1.0 - of_truth, gamma) * binary_values(y_true, p, False)
    if apply_class_balancing:
        values = values * (y_true * alpha + (1.0 - y_true) * (1.0 - alpha))
    return ops.mean(values, axis=axis)


def categorical_focal_crossentropy(
    y_true, y_pred, alpha=0.25, gamma=2.0, from_logits=False, label_smoothing=0.0, axis=-1
):
    """Categorical cross-entropy, each class times alpha * (1 - p)^gamma."""
    check_axis(axis)
    y_pred = floating(y_pred)
    y_true = ops.convert_to_tensor(y_true, dtype=str(y_pred.dtype))
    check_shapes("categorical_focal_crossentropy", y_true.shape, y_pred.shape, y_pred.shape)
    y_true = smooth_one_hot(y_true, label_smoothing)
    if from_logits:
        y_pred = ops.softmax(y_pred, axis=axis)
    p = clip_probability(y_pred / ops.sum(y_pred, axis=axis, keepdims=True))
    return ops.sum(-alpha * y_true * ops.power(1.0 - p, gamma) * ops.log(p), axis=axis)


class BinaryFocalCrossentropy(LossFunctionWrapper):
    """Focal cross-entropy of two classes: cross-entropy times (1 - p)^gamma, p that of the right class.

    Lin et al., Focal Loss for Dense Object Detection, 2017, arXiv:1708.02002.

    Args:
        apply_class_balancing: Whether class 1 weighs `alpha` and class 0 1 - `alpha`.
        alpha: See `apply_class_balancing`.
        gamma: How much right and sure predictions lose weight; 0 for none.
        from_logits: Whether `y_pred` holds logits instead of probabilities.
        label_smoothing: Float in [0, 1]; targets are drawn towards 0.5 by this much.
        axis: The axis over which the mean is taken.
    """

    def __init__(
        self,
        apply_class_balancing=False,
        alpha=0.25,
        gamma=2.0,
        from_logits=False,
        label_smoothing=0.0,
        axis=-1,
        reduction="sum_over_batch_size",
        name="binary_focal_crossentropy",
        dtype=None,
    ):
        arguments = {
            "apply_class_balancing": apply_class_balancing,
            "alpha": alpha,
            "gamma": gamma,
            "from_logits": from_logits,
            "label_smoothing": label_smoothing,
            "axis": axis,
        }
        super().__init__(binary_focal_crossentropy, name=name, reduction=reduction, dtype=dtype, **arguments)


class CategoricalFocalCrossentropy(LossFunctionWrapper):
    """Focal cross-entropy of several classes, for one-hot targets: each class times alpha (1 - p)^gamma.

    Lin et al., Focal Loss for Dense Object Detection, 2017, arXiv:1708.02002.

    Args:
        alpha: The weight of the classes, a number or one for each.
        gamma: How much right and sure predictions lose weight; 0 for none.
        from_logits: Whether `y_pred` holds logits instead of probabilities.
        label_smoothing: Float in [0, 1]; targets become `y * (1 - s) + s / classes`.
        axis: The axis of the classes.
    """

    def __init__(
        self,
        alpha=0.25,
        gamma=2.0,
        from_logits=False,
        label_smoothing=0.0,
        axis=-1,
        reduction="sum_over_batch_size",
        name="categorical_focal_crossentropy",
        dtype=None,
    ):
        arguments = {
            "alpha": alpha,
            "gamma": gamma,
            "from_logits": from_logits,
            "label_smoothing": label_smoothing,
            "axis": axis,
        }
        super().__init__(
            categorical_focal_crossentropy, name=name, reduction=reduction, dtype=dtype, **arguments
        )
