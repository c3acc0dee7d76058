"""Small helpers of data preparation, with Keras as the oracle."""

import convcore
import numpy as np
import pytest
from convcore import utils
from oracle import keras


@pytest.mark.parametrize(
    "labels, classes",
    [
        ([0, 2, 1], None),
        ([[0], [3]], 5),
        (np.zeros((2, 3), "uint8"), 2),
        (2, 4),
        (np.array([1.0, 0.0]), None),
        (np.zeros((4, 1)), 2),
    ],
)
def test_to_categorical(labels, classes):
    ours, expected = utils.to_categorical(labels, classes), keras.utils.to_categorical(labels, classes)
    assert ours.dtype == expected.dtype
    np.testing.assert_array_equal(ours, expected)


@pytest.mark.parametrize(
    "labels, words", [([0, 3], "0 to 1.*3"), ([-1], "-1"), ([0.5], "integer"), (["a"], "integer")]
)
def test_to_categorical_refuses_labels_outside(labels, words):
    with pytest.raises(ValueError, match=words):
        utils.to_categorical(labels, 2)


def test_to_categorical_of_nothing_needs_the_number_of_classes():
    assert utils.to_categorical([], 3).shape == (0, 3)
    with pytest.raises(ValueError, match="num_classes"):
        utils.to_categorical([])


@pytest.mark.parametrize("axis, order", [(-1, 2), (1, 1), (1, 3)])
def test_normalize(axis, order):
    x = np.random.default_rng(0).normal(size=(4, 5))
    x[2] = 0.0
    np.testing.assert_allclose(
        utils.normalize(x, axis, order), keras.utils.normalize(x, axis, order), rtol=1e-12
    )


def test_normalize_along_the_first_axis():
    x = np.random.default_rng(0).normal(size=(4, 5))
    np.testing.assert_allclose(np.abs(utils.normalize(x, 0, 1)).sum(axis=0), 1.0)


@pytest.mark.parametrize("parts", [(1,), (1, 2), (1, 2, 3), ([1, 2],), ((1, 2), 3), ({"a": 1},)])
def test_pack_and_unpack(parts):
    packed = utils.pack_x_y_sample_weight(*parts)
    assert packed == keras.utils.pack_x_y_sample_weight(*parts)
    assert utils.unpack_x_y_sample_weight(packed) == keras.utils.unpack_x_y_sample_weight(packed)


def test_unpack_refuses_more_than_three_parts():
    with pytest.raises(ValueError, match="4"):
        utils.unpack_x_y_sample_weight((1, 2, 3, 4))


def test_seeds_and_sessions():
    def draw():
        utils.set_random_seed(7)
        utils.clear_session()
        layer = convcore.layers.Dense(3)
        return layer.name, layer(np.ones((1, 4), "float32"))

    first, second = draw(), draw()
    assert first[0] == second[0] == "dense"
    utils.set_random_seed(7)
    np.testing.assert_array_equal(first[1], convcore.layers.Dense(3)(np.ones((1, 4), "float32")))
