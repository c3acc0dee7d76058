"""How the four numbers of a box are meant, and conversion between the ways."""

from ... import ops

# What the two pairs of numbers are: first and last corner, first corner and size, or centre and size. Whether
# y stands before x is told by the name.
_PAIRS = {
    "xyxy": "corners",
    "yxyx": "corners",
    "xywh": "sizes",
    "center_xywh": "centers",
    "center_yxhw": "centers",
}
FORMATS = (*_PAIRS, *(f"rel_{name}" for name in _PAIRS if name != "center_yxhw"))


def convert_format(boxes, source, target, height=None, width=None, dtype="float32"):
    """Boxes of one format in another one.

    Formats: ``xyxy`` (left, top, right, bottom), ``yxyx`` (top, left, bottom, right), ``xywh`` (left, top,
    width, height), ``center_xywh``, ``center_yxhw``; with ``rel_`` before, except for the last, as fractions
    of the image's width and height. Upper and lower case mean the same.

    Args:
        boxes: ``(..., 4)``, or a dict, of which ``boxes`` is converted.
        height, width: Of the image; needed where pixels become fractions or the reverse.
        dtype: Of the result.

    Example:

    >>> import numpy as np
    >>> from convcore.utils import bounding_boxes
    >>> bounding_boxes.convert_format(np.array([[10, 20, 30, 60]]), "xyxy", "center_xywh")
    array([[20., 40., 20., 40.]], dtype=float32)
    """
    if isinstance(boxes, dict):
        return {**boxes, "boxes": convert_format(boxes["boxes"], source, target, height, width, dtype)}
    source, target = source.lower(), target.lower()
    if source not in FORMATS or target not in FORMATS:
        raise ValueError(
            f"convert_format: Invalid source or target format. Supported formats: {FORMATS}. Received: "
            f"source={source!r}, target={target!r}"
        )
    from_fractions, to_fractions = source.startswith("rel_"), target.startswith("rel_")
    if (from_fractions or to_fractions) and (height is None or width is None):
        raise ValueError(
            "convert_format: must receive `height` and `width` to convert between relative and absolute "
            f"formats. Received: source={source!r}, target={target!r}, height={height}, width={width}"
        )
    boxes = _checked(boxes, dtype)
    if source == target:
        return boxes
    first, last = _corners(boxes, source.removeprefix("rel_"))
    if from_fractions != to_fractions:
        size = ops.stack([ops.cast(width, dtype), ops.cast(height, dtype)], axis=-1)
        first, last = (x * size if from_fractions else x / size for x in (first, last))
    return _written(first, last, target.removeprefix("rel_"))


def _checked(boxes, dtype):
    boxes = ops.cast(boxes, dtype)
    if boxes.shape[-1] != 4:
        raise ValueError(
            "convert_format: `boxes` must be a tensor with the last dimension of 4. Received: "
            f"boxes.shape={tuple(boxes.shape)}"
        )
    return boxes


def _y_first(name):
    return name.endswith(("yxyx", "yxhw"))


def _corners(boxes, name):
    """(x, y) of the first and of the last corner."""
    first, last = boxes[..., :2], boxes[..., 2:]
    if _y_first(name):
        first, last = ops.flip(first, axis=-1), ops.flip(last, axis=-1)
    if _PAIRS[name] == "sizes":
        last = first + last
    elif _PAIRS[name] == "centers":
        first, last = first - last / 2.0, first + last / 2.0
    return first, last


def _written(first, last, name):
    """Boxes from their corners."""
    kind = _PAIRS[name]
    if kind == "sizes":
        last = last - first
    elif kind == "centers":
        first, last = first + (last - first) / 2.0, last - first
    if _y_first(name):
        first, last = ops.flip(first, axis=-1), ops.flip(last, axis=-1)
    return ops.concatenate([first, last], axis=-1)
