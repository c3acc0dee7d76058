"""Limits on gradients."""

from .. import ops


def clip_by_norm(gradients, limit):
    """Each gradient times min(1, limit / its norm)."""
    clipped = []
    for gradient in gradients:
        norm = ops.sqrt(ops.sum(ops.square(gradient)))
        clipped.append(gradient * ops.divide(limit, ops.maximum(norm, limit)))
    return clipped


def clip_by_global_norm(gradients, limit):
    """All gradients times min(1, limit / their joint norm); a joint norm that is not finite makes all of them
    NaN.
    """
    total = 0.0
    for gradient in gradients:
        total = ops.sum(ops.square(gradient)) + total
    norm = ops.sqrt(total)
    scale = limit * ops.minimum(ops.divide(1.0, norm), 1.0 / limit) + (norm - norm)
    return [gradient * scale for gradient in gradients]


def clip_by_value(gradients, limit):
    return [ops.clip(gradient, -limit, limit) for gradient in gradients]
