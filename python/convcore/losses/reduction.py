"""From one loss value per sample to the number that is minimised: ranks, masks, sample weights, reduction."""

from .. import ops
from ..core.dispatch import apply

REDUCTIONS = ("sum_over_batch_size", "sum", None, "none", "mean", "mean_with_sample_weight")


def standardize_reduction(reduction):
    if reduction not in REDUCTIONS:
        raise ValueError(
            f"Invalid value for argument `reduction`. Expected one of {REDUCTIONS}. Received: {reduction!r}"
        )
    return reduction


def align_ranks(a, b, expand_rank_1=True):
    """If the ranks differ by one and the longer one ends in a size-1 axis: expands a rank-1 partner, else
    squeezes.
    """
    longer, shorter = (a, b) if len(a.shape) > len(b.shape) else (b, a)
    if len(longer.shape) != len(shorter.shape) + 1 or longer.shape[-1] != 1:
        return a, b
    if len(shorter.shape) == 1 and expand_rank_1:
        shorter = ops.expand_dims(shorter, axis=-1)
    else:
        longer = ops.squeeze(longer, axis=-1)
    return (longer, shorter) if len(a.shape) > len(b.shape) else (shorter, longer)


def count(x, axes=()):
    """The number of elements along `axes` (all if empty) as a float32 scalar; works for an unknown batch
    size.
    """
    return apply("size", x, axes=list(axes))


def mask_to_weight(mask, sample_weight, dtype, reduction):
    """Folds a boolean mask into the sample weights. For means, valid entries weigh size/valid, so that the
    division by the
    number of all elements yields the mean over the valid ones."""
    weight = ops.cast(mask, dtype)
    if reduction in ("mean", "sum_over_batch_size"):
        valid = ops.sum(weight)
        weight = weight * ops.divide_no_nan(ops.cast(count(mask), dtype), valid)
    if sample_weight is None:
        return weight
    weight, sample_weight = align_ranks(weight, ops.cast(sample_weight, dtype))
    return sample_weight * weight


def reduce_values(values, sample_weight, reduction):
    if reduction in (None, "none") or len(values.shape) == 0:
        return values
    if reduction == "sum":
        return ops.sum(values)
    if reduction == "mean_with_sample_weight" and sample_weight is not None:
        return ops.divide_no_nan(ops.sum(values), ops.sum(sample_weight))
    return ops.divide_no_nan(ops.sum(values), ops.cast(count(values), values.dtype))


def reduce_weighted_values(
    values, sample_weight=None, mask=None, reduction="sum_over_batch_size", dtype=None
):
    reduction = standardize_reduction(reduction)
    values = ops.convert_to_tensor(values) if dtype is None else ops.cast(values, dtype)
    if mask is not None:
        sample_weight = mask_to_weight(mask, sample_weight, values.dtype, reduction)
    if sample_weight is not None:
        values, sample_weight = align_ranks(values, ops.cast(sample_weight, values.dtype))
        values = values * sample_weight
    return reduce_values(values, sample_weight, reduction)
