"""How much boxes overlap."""

import math

from ... import ops
from ...config import epsilon
from .formats import convert_format


def _size(image_shape):
    return (None, None) if image_shape is None else tuple(image_shape)[:2]


def _ends(boxes):
    """(x, y) of the first and of the last corner."""
    return boxes[..., :2], boxes[..., 2:]


def _common(boxes1, boxes2):
    """The area of what two boxes have in common."""
    (first1, last1), (first2, last2) = _ends(boxes1), _ends(boxes2)
    sides = ops.maximum(ops.minimum(last1, last2) - ops.maximum(first1, first2), 0)
    return ops.prod(sides, axis=-1)


def _area(boxes):
    first, last = _ends(boxes)
    return ops.prod(last - first, axis=-1)


def compute_iou(boxes1, boxes2, bounding_box_format, use_masking=False, mask_val=-1, image_shape=None):
    """The area that each of ``boxes1`` has in common with each of ``boxes2``, over that of both together.

    Args:
        boxes1: ``(m, 4)`` or ``(batch, m, 4)``.
        boxes2: ``(n, 4)`` or ``(batch, n, 4)``.
        bounding_box_format: See ``convert_format``.
        use_masking: Whether boxes of which all numbers are negative, those that fill up a batch, get
            ``mask_val``.
        image_shape: ``(height, width, channels)``, for relative formats.

    Returns:
        ``(m, n)`` or ``(batch, m, n)``.
    """
    for name, boxes in (("boxes1", boxes1), ("boxes2", boxes2)):
        if len(boxes.shape) not in (2, 3):
            raise ValueError(
                f"compute_iou() expects {name} to be batched, or to be unbatched. Received "
                f"len({name}.shape)={len(boxes.shape)}. Expected either len({name}.shape)=2 or "
                f"len({name}.shape)=3."
            )
    if "rel" in bounding_box_format and image_shape is None:
        raise ValueError(
            "compute_iou: When using relative bounding box formats (e.g. `rel_yxyx`) the `image_shape` "
            "argument must be provided. Received: image_shape=None"
        )
    size = _size(image_shape)
    boxes1, boxes2 = (
        ops.expand_dims(convert_format(boxes, bounding_box_format, "xyxy", *size), axis)
        for boxes, axis in ((boxes1, -2), (boxes2, -3))
    )
    common = _common(boxes1, boxes2)
    result = common / (_area(boxes1) + _area(boxes2) - common + epsilon())
    if not use_masking:
        return result
    filler = ops.logical_or(ops.max(boxes1, axis=-1) < 0.0, ops.max(boxes2, axis=-1) < 0.0)
    return ops.where(filler, ops.cast(mask_val, str(result.dtype)), result)


def compute_ciou(boxes1, boxes2, bounding_box_format, image_shape=None):
    """The complete IoU of pairs of boxes: less what the centres are apart, in units of the diagonal around
    both, and what the aspect ratios differ. Zheng et al., Distance-IoU Loss, AAAI 2020.

    Args:
        boxes1, boxes2: ``(..., 4)``, of shapes that broadcast.
        bounding_box_format: See ``convert_format``; in pixels.
        image_shape: ``(height, width, channels)``.

    Returns:
        A tensor without the last axis.
    """
    if "rel" in bounding_box_format:
        raise ValueError(
            "compute_ciou: expected boxes in pixels; received bounding_box_format="
            f"{bounding_box_format!r}. When using relative bounding box formats (e.g. `rel_yxyx`) use "
            "convert_format first."
        )
    size = _size(image_shape)
    boxes1, boxes2 = (convert_format(boxes, bounding_box_format, "xyxy", *size) for boxes in (boxes1, boxes2))
    (first1, last1), (first2, last2) = _ends(boxes1), _ends(boxes2)
    small = [0.0, epsilon()]  # heights are divided by
    size1, size2 = last1 - first1 + small, last2 - first2 + small
    common = _common(boxes1, boxes2)
    union = ops.prod(size1, axis=-1) + ops.prod(size2, axis=-1) - common + epsilon()
    iou = common / (union + epsilon())
    around = ops.maximum(last1, last2) - ops.minimum(first1, first2)
    diagonal = ops.sum(around**2, axis=-1) + epsilon()
    distance = ops.sum(((first1 + last1) / 2 - (first2 + last2) / 2) ** 2, axis=-1)
    angles = [ops.arctan(sides[..., 0] / sides[..., 1]) for sides in (size2, size1)]
    v = (4 / math.pi**2) * (angles[0] - angles[1]) ** 2
    alpha = v / (v - iou + (1 + epsilon()))
    return iou - (distance / diagonal + v * alpha)
