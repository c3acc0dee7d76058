"""Boxes as what a network predicts: shifts and factors relative to anchors."""

import numpy as np

from ... import ops
from ...config import epsilon
from .formats import convert_format

_ENCODINGS = ("center_xywh", "center_yxhw")


def _settings(where, argument, encoding, variance, image_shape):
    """(variance as an array or None, (height, width))."""
    if variance is not None:
        variance = np.asarray(variance, "float32")
        if variance.shape[-1:] != (4,):
            raise ValueError(f"{where}: `variance` must be length 4, got {variance}")
    if encoding not in _ENCODINGS:
        raise ValueError(
            f"{where}: `{argument}` should be 'center_xywh' or 'center_yxhw', but got {encoding!r}."
        )
    return variance, (None, None) if image_shape is None else tuple(image_shape)[:2]


def encode_box_to_deltas(
    anchors,
    boxes,
    anchor_format,
    box_format,
    encoding_format="center_yxhw",
    variance=None,
    image_shape=None,
):
    """The shifts of centres, in units of the anchors' sizes, and the logarithms of the factors of sizes.

    Args:
        anchors: ``(n, 4)``.
        boxes: ``(n, 4)`` or ``(batch, n, 4)``.
        anchor_format, box_format: See ``convert_format``.
        encoding_format: ``center_yxhw`` or ``center_xywh``: the order of the result.
        variance: Four numbers by which the result is divided.
        image_shape: ``(height, width, channels)``, for relative formats.
    """
    variance, size = _settings(
        "encode_box_to_deltas", "encoding_format", encoding_format, variance, image_shape
    )
    anchors = convert_format(anchors, anchor_format, encoding_format, *size)
    boxes = convert_format(boxes, box_format, encoding_format, *size)
    sides, wanted = (ops.maximum(x[..., 2:], epsilon()) for x in (anchors, boxes))
    shifts = (boxes[..., :2] - anchors[..., :2]) / sides
    deltas = ops.concatenate([shifts, ops.log(wanted / sides)], axis=-1)
    return deltas if variance is None else deltas / variance


def decode_deltas_to_boxes(
    anchors,
    boxes_delta,
    anchor_format,
    box_format,
    encoded_format="center_yxhw",
    variance=None,
    image_shape=None,
):
    """The inverse of ``encode_box_to_deltas``.

    Args:
        anchors: ``(n, 4)``, or a dict of them, by level.
        boxes_delta: ``(n, 4)`` or ``(batch, n, 4)``, or a dict with the same keys.
        anchor_format, box_format: See ``convert_format``; the latter is that of the result.
        encoded_format: ``center_yxhw`` or ``center_xywh``.
        variance: Four numbers by which the deltas are multiplied.
        image_shape: ``(height, width, channels)``, for relative formats.
    """
    variance, size = _settings(
        "decode_deltas_to_boxes", "encoded_format", encoded_format, variance, image_shape
    )

    def decoded(anchors, deltas):
        anchors = convert_format(anchors, anchor_format, encoded_format, *size)
        deltas = deltas if variance is None else deltas * variance
        sides = anchors[..., 2:]
        centers = deltas[..., :2] * sides + anchors[..., :2]
        boxes = ops.concatenate([centers, ops.exp(deltas[..., 2:]) * sides], axis=-1)
        return convert_format(boxes, encoded_format, box_format, *size)

    if isinstance(anchors, dict) and isinstance(boxes_delta, dict):
        return {level: decoded(anchors[level], boxes_delta[level]) for level in anchors}
    return decoded(anchors, boxes_delta)
