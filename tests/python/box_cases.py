"""Functions of bounding boxes, with arguments, and what Keras makes of them."""

import itertools

import numpy as np

RNG = np.random.default_rng(48)
CORNERS = np.sort(RNG.uniform(-4, 30, (2, 2, 5, 2)), axis=0).astype("float32")
BOXES = np.concatenate([CORNERS[0], CORNERS[1]], axis=-1)  # (2, 5, 4)
OTHERS = BOXES[:, ::-1] + np.float32(2.5)
LABELS = np.arange(10).reshape(2, 5)
FORMATS = (
    *("xyxy", "yxyx", "xywh", "center_xywh", "center_yxhw"),
    *("rel_xyxy", "rel_yxyx", "rel_xywh", "rel_center_xywh"),
)
SIX = [np.float32(pair) for pair in ([30, -10], [0.1, 0], [0, -0.2], [1, 1.5], [5, 0], [0, 8])]


def _converted(source, target):
    return lambda boxes: boxes.convert_format(BOXES[0].copy(), source, target, 24, 20)


CASES = {
    f"{source} to {target}": _converted(source, target)
    for source, target in itertools.product(FORMATS, repeat=2)
}
CASES |= {
    "clip": lambda boxes: boxes.clip_to_image_size({"boxes": BOXES, "labels": LABELS}, 24, 20)["boxes"],
    "clip labels": lambda boxes: boxes.clip_to_image_size({"boxes": BOXES - 12, "labels": LABELS}, 24, 20)[
        "labels"
    ],
    "clip fractions": lambda boxes: boxes.clip_to_image_size(
        {"boxes": BOXES / 15}, bounding_box_format="rel_xyxy"
    )["boxes"],
    "crop": lambda boxes: boxes.crop(BOXES, 3, 5, 12, 10),
    "pad": lambda boxes: boxes.pad(BOXES, 3, 5),
    "affine": lambda boxes: boxes.affine_transform(BOXES, *SIX, 24, 20),
    "affine about": lambda boxes: boxes.affine_transform(BOXES, *SIX, 24, 20, 0.3, 0.1),
    "iou": lambda boxes: boxes.compute_iou(BOXES, OTHERS, "xyxy"),
    "iou one batch": lambda boxes: boxes.compute_iou(BOXES[0], OTHERS[:, :3], "yxyx"),
    "iou no batch": lambda boxes: boxes.compute_iou(BOXES[0], OTHERS[1, :3], "center_xywh"),
    "iou fractions": lambda boxes: boxes.compute_iou(BOXES, OTHERS, "rel_xywh", image_shape=(24, 20, 3)),
    "iou masked": lambda boxes: boxes.compute_iou(BOXES - 20, OTHERS, "xyxy", True, -2),
    "ciou": lambda boxes: boxes.compute_ciou(BOXES, OTHERS, "xyxy"),
    "encode": lambda boxes: boxes.encode_box_to_deltas(BOXES[0], OTHERS, "xyxy", "xywh"),
    "encode fractions": lambda boxes: boxes.encode_box_to_deltas(
        BOXES[0], OTHERS, "rel_xyxy", "xyxy", "center_xywh", [0.1, 0.1, 0.2, 0.3], (24, 20, 3)
    ),
    "decode": lambda boxes: boxes.decode_deltas_to_boxes(
        BOXES[0], BOXES / 40, "xyxy", "xyxy", variance=[0.1, 0.1, 0.2, 0.3]
    ),
    "decode levels": lambda boxes: boxes.decode_deltas_to_boxes(
        {"a": BOXES[0]}, {"a": BOXES / 40}, "xyxy", "rel_yxyx", "center_xywh", image_shape=(24, 20, 3)
    )["a"],
}


def answers(keras):
    return {name: np.asarray(case(keras.utils.bounding_boxes)) for name, case in CASES.items()}
