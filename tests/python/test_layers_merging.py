"""Merge layers, Rescaling."""

import json

import numpy as np
import pytest
from convcore import KerasTensor, layers, saving
from run_layer_test import assert_close, random_input, run_layer_test

FUNCTIONS = {
    "Add": lambda x: sum(x),
    "Multiply": lambda x: np.prod(np.stack(np.broadcast_arrays(*x)), axis=0),
    "Average": lambda x: sum(x) / len(x),
    "Maximum": lambda x: np.max(np.stack(np.broadcast_arrays(*x)), axis=0),
    "Minimum": lambda x: np.min(np.stack(np.broadcast_arrays(*x)), axis=0),
}


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_elementwise(name, count):
    inputs = [random_input((2, 3, 4), seed=i) for i in range(count)]
    layer = getattr(layers, name)()
    np.testing.assert_allclose(layer(inputs), FUNCTIONS[name](inputs), rtol=1e-6)
    assert layer([KerasTensor((None, 3, 4))] * count).shape == (None, 3, 4)
    function = getattr(layers, name.lower())
    np.testing.assert_array_equal(function(inputs), layer(inputs))
    restored = saving.deserialize_keras_object(json.loads(json.dumps(saving.serialize_keras_object(layer))))
    assert restored.get_config() == layer.get_config()


def test_lower_ranks_get_axes_after_the_batch():
    x, y = random_input((2, 4)), random_input((2, 3, 4), seed=1)
    np.testing.assert_allclose(layers.Add()([x, y]), x[:, None] + y, rtol=1e-6)
    assert layers.add([KerasTensor((None, 4)), KerasTensor((None, 3, 4))]).shape == (None, 3, 4)


def test_subtract():
    x, y = random_input((2, 3)), random_input((2, 3), seed=1)
    np.testing.assert_array_equal(layers.Subtract()([x, y]), x - y)


@pytest.mark.parametrize("axis", [-1, 1, 2])
def test_concatenate(axis):
    shapes = [(2, 3, 4), (2, 3, 4)]
    shapes[1] = tuple(n + 2 if i == axis % 3 else n for i, n in enumerate(shapes[1]))
    inputs = [random_input(shape, seed=i) for i, shape in enumerate(shapes)]
    layer = layers.Concatenate(axis)
    np.testing.assert_array_equal(layer(inputs), np.concatenate(inputs, axis))
    np.testing.assert_array_equal(layers.concatenate(inputs, axis=axis), np.concatenate(inputs, axis))
    assert (
        layer([KerasTensor((None, *s[1:])) for s in shapes]).shape[1:]
        == np.concatenate(inputs, axis).shape[1:]
    )


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: layers.Add()([random_input((2, 3)), random_input((2, 4))]), ["3", "4"]),
        (lambda: layers.Add()([KerasTensor((2, 3)), KerasTensor((4, 3))]), ["(2, 3)", "(4, 3)"]),
        (lambda: layers.Add()(random_input((2, 3))), ["list"]),
        (lambda: layers.Subtract()([random_input((2, 3))] * 3), ["2", "3"]),
        (lambda: layers.Concatenate()([random_input((2, 3, 4)), random_input((2, 4, 4))]), ["3, 4", "4, 4"]),
        (lambda: layers.Concatenate(5)([random_input((2, 3))] * 2), ["5"]),
    ],
)
def test_errors(make, words):
    with pytest.raises(ValueError) as caught:
        make()
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize("scale, offset", [(2, 0.0), (1 / 255, -1.0), ([1.0, 2.0, 3.0], [0.0, 1.0, 0.5])])
def test_rescaling(scale, offset):
    run_layer_test(
        layers.Rescaling,
        {"scale": scale, "offset": offset},
        (2, 4, 3),
        (2, 4, 3),
        reference=lambda x: x * np.asarray(scale) + np.asarray(offset),
    )
    image = np.arange(12, dtype="uint8").reshape(1, 4, 3)
    assert layers.Rescaling(scale, offset)(image).dtype == np.float32


DOTS = [
    ((2, 5), (2, 5), 1, "bk,bk->b"),
    ((2, 5), (2, 5), (-1, 1), "bk,bk->b"),
    ((2, 3, 5), (2, 4, 5), -1, "bik,bjk->bij"),
    ((2, 5, 3), (2, 4, 5), (1, 2), "bki,bjk->bij"),
    ((2, 3, 5), (2, 5), (2, 1), "bik,bk->bi"),
    ((2, 3, 4, 5), (2, 5, 6), (3, 1), "bijk,bkl->bijl"),
]


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("first, second, axes, rule", DOTS)
def test_dot(first, second, axes, rule, normalize):
    x, y = random_input(first, dtype="float64"), random_input(second, seed=1, dtype="float64")
    layer = layers.Dot(axes, normalize)
    actual = layer([x, y])
    a, b = (axes, axes) if isinstance(axes, int) else axes
    if normalize:
        x = x / np.linalg.norm(x, axis=a, keepdims=True)
        y = y / np.linalg.norm(y, axis=b, keepdims=True)
    expected = np.einsum(rule, x, y)
    expected = expected[:, None] if expected.ndim == 1 else expected
    assert_close(actual, expected)
    assert (
        layer([KerasTensor((None, *first[1:])), KerasTensor((None, *second[1:]))]).shape[1:]
        == expected.shape[1:]
    )
    assert type(layer).from_config(layer.get_config()).get_config() == layer.get_config()


@pytest.mark.parametrize(
    "make, error",
    [
        (lambda: layers.Dot("a"), TypeError),
        (lambda: layers.Dot(1.5), TypeError),
        (lambda: layers.Dot((1, 2, 3)), ValueError),
        (lambda: layers.Dot((1, "a")), ValueError),
        (lambda: layers.Dot(0)([random_input((2, 3))] * 2), ValueError),
        (lambda: layers.Dot(3)([random_input((2, 3))] * 2), ValueError),
        (lambda: layers.Dot(1)([random_input((2, 3)), random_input((2, 4))]), ValueError),
        (lambda: layers.Dot(1)([random_input((2, 3))] * 3), ValueError),
        (lambda: layers.Dot(1)(random_input((2, 3))), ValueError),
    ],
)
def test_dot_errors(make, error):
    with pytest.raises(error, match="[Dd]ot"):
        make()
