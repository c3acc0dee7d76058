"""Boxes around things in images: formats, places, overlap; the names of ``keras.utils.bounding_boxes``.

Boxes are ``(boxes, 4)`` or ``(batch, boxes, 4)``, in pixels or, in the formats that begin with ``rel_``, as
fractions of the image. Some functions take them as a dict with the keys ``boxes`` and ``labels``. All are
made of ``convcore.ops``: they work on arrays, in layers, losses and functional models, and have gradients.
"""

from .deltas import decode_deltas_to_boxes, encode_box_to_deltas
from .formats import convert_format
from .overlap import compute_ciou, compute_iou
from .places import affine_transform, clip_to_image_size, crop, pad

__all__ = [
    "affine_transform",
    "clip_to_image_size",
    "compute_ciou",
    "compute_iou",
    "convert_format",
    "crop",
    "decode_deltas_to_boxes",
    "encode_box_to_deltas",
    "pad",
]
