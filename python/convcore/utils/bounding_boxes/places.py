"""Boxes moved, cut and turned along with their image."""

import math

from ... import ops


def _only_corners(where, name, allowed=("xyxy",)):
    if name not in allowed:
        raise NotImplementedError(
            f"{where}: expected bounding_box_format to be one of {allowed}; received {name!r}. Use "
            "convert_format first."
        )


def _limited(boxes, width, height):
    """Corners within an image of that size."""
    size = ops.stack([ops.cast(n, str(boxes.dtype)) for n in (width, height, width, height)], axis=-1)
    return ops.minimum(ops.maximum(boxes, 0), size)


def clip_to_image_size(bounding_boxes, height=None, width=None, bounding_box_format="xyxy"):
    """The parts of boxes that lie in the image; the label of a box of which nothing is left becomes -1.

    Args:
        bounding_boxes: A dict: ``boxes`` ``(boxes, 4)`` or ``(batch, boxes, 4)`` and, as wanted, ``labels``
            without the last axis.
        height, width: Of the image; not needed for ``rel_xyxy``.
        bounding_box_format: ``xyxy`` or ``rel_xyxy``.
    """
    _only_corners("clip_to_image_size", bounding_box_format, ("xyxy", "rel_xyxy"))
    if bounding_box_format == "rel_xyxy":
        height = width = 1
    elif height is None or width is None:
        raise ValueError("clip_to_image_size: `height` and `width` must be set if `format='xyxy'`.")
    boxes = _limited(ops.convert_to_tensor(bounding_boxes["boxes"]), width, height)
    result = {**bounding_boxes, "boxes": boxes}
    if bounding_boxes.get("labels") is not None:
        area = (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])
        result["labels"] = ops.where(area > 0, ops.convert_to_tensor(bounding_boxes["labels"]), -1)
    return result


def crop(boxes, top, left, height, width, bounding_box_format="xyxy"):
    """Boxes in the window of ``height`` and ``width`` that begins at ``top`` and ``left``, cut at its "
    "edges."""
    _only_corners("crop", bounding_box_format)
    return _limited(_shifted(boxes, -left, -top), width, height)


def pad(boxes, top, left, height=None, width=None, bounding_box_format="xyxy"):
    """Boxes in an image that has ``top`` more rows above and ``left`` more columns before.

    ``height`` and ``width`` are there for Keras's signature: what is added behind moves no box.
    """
    _only_corners("pad", bounding_box_format)
    return _shifted(boxes, left, top)


def _shifted(boxes, right, down):
    boxes = ops.convert_to_tensor(boxes)
    by = [ops.cast(n, str(boxes.dtype)) for n in (right, down, right, down)]
    return boxes + ops.stack(by, axis=-1)


def affine_transform(
    boxes,
    angle,
    translate_x,
    translate_y,
    scale,
    shear_x,
    shear_y,
    height,
    width,
    center_x=None,
    center_y=None,
    bounding_box_format="xyxy",
):
    """The boxes around the corners of boxes after a rotation, shear, scaling and shift of their image.

    Args:
        boxes: ``(batch, boxes, 4)``.
        angle: Degrees, ``(batch,)``, as the following five.
        translate_x, translate_y: Shifts, as fractions of width and height.
        scale: Factors.
        shear_x, shear_y: Degrees.
        height, width: Of the image.
        center_x, center_y: What stays in place, as fractions of width and height; the middle when None.
        bounding_box_format: ``xyxy``.
    """
    _only_corners("affine_transform", bounding_box_format)
    numbers = (angle, translate_x, translate_y, scale, shear_x, shear_y)
    fractions = (0.5 if center is None else center for center in (center_x, center_y))
    rows = _rows(*(ops.cast(x, "float32") for x in (*numbers, *fractions, height, width)))
    boxes = ops.cast(boxes, "float32")
    x, y = boxes[..., 0::2], boxes[..., 1::2]  # both ends along each axis
    x, y = ops.take(x, [0, 1, 1, 0], axis=-1), ops.take(y, [0, 0, 1, 1], axis=-1)  # around the corners
    moved = []
    for a, b, c in rows:
        a, b, c = (ops.reshape(n, (-1, 1, 1)) for n in (a, b, c))
        moved.append(a * x + b * y + c)
    ends = [ops.min(m, axis=-1) for m in moved] + [ops.max(m, axis=-1) for m in moved]
    return ops.stack(ends, axis=-1)


def _rows(angle, translate_x, translate_y, scale, shear_x, shear_y, center_x, center_y, height, width):
    """The two rows (a, b, c) of x' = a x + b y + c and y'; each entry is ``(batch,)``.

    The inverse of rotation times shear has determinant 1, so that it is written down directly.
    """
    radians = math.pi / 180.0
    turn, slant_x, slant_y = -angle * radians, -shear_x * radians, -shear_y * radians
    x, y = center_x * (width - 1), center_y * (height - 1)
    x_from, y_from = x - translate_x * (width - 1), y - translate_y * (height - 1)
    a = ops.cos(turn - slant_y) / ops.cos(slant_y)
    b = a * ops.tan(slant_x) + ops.sin(turn)
    c = -ops.sin(turn - slant_y) / ops.cos(slant_y)
    d = ops.cos(turn) - c * ops.tan(slant_x)
    rows = []
    for p, q, center in ((d, -b, x), (-c, a, y)):
        p, q = p * scale, q * scale
        rows.append((p, q, center - p * x_from - q * y_from))
    return rows
