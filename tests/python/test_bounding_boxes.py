"""utils.bounding_boxes: values of Keras and by hand, use in losses and models, errors."""

import numpy as np
import pytest
from box_cases import BOXES, CASES, OTHERS
from convcore import Input, Model, layers, models
from convcore.utils import bounding_boxes
from keras_on_numpy import ask

KERAS = ask("box_cases")


@pytest.mark.parametrize("name", CASES)
def test_values_of_keras(name):
    value = np.asarray(CASES[name](bounding_boxes))
    assert value.shape == KERAS[name].shape
    np.testing.assert_allclose(value, KERAS[name], rtol=2e-5, atol=1e-5)


def test_overlaps_by_hand():
    one, others = np.float32([[0, 0, 4, 2]]), np.float32([[2, 0, 6, 2], [4, 0, 6, 2], [0, 0, 4, 2]])
    np.testing.assert_allclose(bounding_boxes.compute_iou(one, others, "xyxy"), [[1 / 3, 0, 1]], rtol=1e-6)
    # centres 2 apart, the diagonal of the box around both is the root of 40; equal aspect ratios
    np.testing.assert_allclose(
        bounding_boxes.compute_ciou(one, others[:1], "xyxy"), [1 / 3 - 4 / 40], rtol=1e-5
    )


def test_formats_in_a_model_of_unknown_batch():
    boxes = Input((5, 4))
    model = Model(boxes, bounding_boxes.convert_format(boxes, "xyxy", "rel_center_xywh", 24, 20))
    expected = bounding_boxes.convert_format(BOXES, "xyxy", "rel_center_xywh", 24, 20)
    np.testing.assert_array_equal(model.predict(BOXES, verbose=0), expected)
    np.testing.assert_array_equal(models.model_from_json(model.to_json()).predict(BOXES, verbose=0), expected)


def test_boxes_are_learned_through_their_overlap():
    def loss(y_true, y_pred):
        return 1.0 - bounding_boxes.compute_ciou(y_true, y_pred, "xyxy")

    model = models.Sequential([layers.Input((1,)), layers.Dense(4, use_bias=False)])
    model.layers[0].set_weights([np.float32([[0.0, 0.0, 3.0, 3.0]])])
    model.compile("adam", loss)
    model.optimizer.learning_rate = 0.1
    x, y = np.ones((1, 1), "float32"), np.float32([[2.0, 1.0, 6.0, 4.0]])
    for _ in range(150):
        model.train_on_batch(x, y)
    np.testing.assert_allclose(model.predict(x, verbose=0), y, atol=0.15)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda b: b.convert_format(BOXES, "xyxy", "abcd"), "Invalid source or target format"),
        (lambda b: b.convert_format(BOXES, "xyxy", "rel_xyxy"), "must receive `height` and `width`"),
        (lambda b: b.convert_format(BOXES[..., :3], "xyxy", "xywh"), "last dimension of 4"),
        (lambda b: b.clip_to_image_size({"boxes": BOXES}), "`height` and `width` must be set"),
        (lambda b: b.compute_iou(BOXES[0, 0], OTHERS, "xyxy"), "expects boxes1 to be batched"),
        (lambda b: b.compute_iou(BOXES, OTHERS, "rel_xyxy"), "`image_shape` argument must be provided"),
        (lambda b: b.compute_ciou(BOXES, OTHERS, "rel_xyxy"), "relative bounding box formats"),
        (
            lambda b: b.encode_box_to_deltas(BOXES, BOXES, "xyxy", "xyxy", variance=[1.0]),
            "`variance` must be length 4",
        ),
        (
            lambda b: b.decode_deltas_to_boxes(BOXES, BOXES, "xyxy", "xyxy", "xyxy"),
            "`encoded_format` should be",
        ),
    ],
)
def test_mistakes(call, words):
    with pytest.raises(ValueError, match=words):
        call(bounding_boxes)


def test_formats_that_are_not_moved():
    with pytest.raises(NotImplementedError, match="Use convert_format first"):
        bounding_boxes.pad(BOXES, 1, 1, bounding_box_format="xywh")
