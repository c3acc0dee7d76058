"""Pooling and global pooling of rank 1 to 3: the layer contract against NumPy, and errors."""

import numpy as np
import pytest
from convcore import Model, layers, ops
from convcore.testing import reference
from run_layer_test import assert_close, random_input, run_layer_test

SIZES = {1: (11,), 2: (7, 8), 3: (5, 6, 4)}
KINDS = {"max": "Max", "average": "Average", "l2": "L2"}


def shape_of(rank, data_format, channels=3):
    return (2, channels, *SIZES[rank]) if data_format == "channels_first" else (2, *SIZES[rank], channels)


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(
    "window", [{"pool_size": 2}, {"pool_size": 3, "strides": 1}, {"pool_size": 2, "strides": 3}]
)
@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_pooling(kind, rank, window, padding, data_format):
    arguments = {**window, "padding": padding, "data_format": data_format}
    input_shape = shape_of(rank, data_format)
    run_layer_test(
        getattr(layers, f"{KINDS[kind]}Pooling{rank}D"),
        arguments,
        input_shape,
        reference.pool(np.zeros(input_shape), kind, **arguments).shape,
        reference=lambda x: reference.pool(x, kind, **arguments),
    )


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_global_pooling(kind, rank, data_format, keepdims):
    arguments = {"data_format": data_format, "keepdims": keepdims}
    input_shape = shape_of(rank, data_format)
    run_layer_test(
        getattr(layers, f"Global{KINDS[kind]}Pooling{rank}D"),
        arguments,
        input_shape,
        reference.global_pool(np.zeros(input_shape), kind, **arguments).shape,
        reference=lambda x: reference.global_pool(x, kind, **arguments),
    )


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("rank, output_size", [(1, 4), (1, 13), (2, 1), (2, (4, 3)), (3, (1, 3, 5))])
@pytest.mark.parametrize("kind", ["max", "average"])
def test_adaptive_pooling(kind, rank, output_size, data_format):
    arguments = {"output_size": output_size, "data_format": data_format}
    input_shape = shape_of(rank, data_format)
    layer = run_layer_test(
        getattr(layers, f"Adaptive{KINDS[kind]}Pooling{rank}D"),
        arguments,
        input_shape,
        reference.adaptive_pool(np.zeros(input_shape), kind, **arguments).shape,
        reference=lambda x: reference.adaptive_pool(x, kind, **arguments),
    )
    x = random_input(input_shape)
    function = getattr(ops, f"adaptive_{kind}_pool")
    np.testing.assert_array_equal(function(x, **arguments), layer(x))


def test_adaptive_pooling_of_unknown_sizes():
    inputs = layers.Input((None, None, 3))
    model = Model(inputs, layers.AdaptiveAveragePooling2D(3)(inputs))
    assert model.output_shape == (None, 3, 3, 3)
    for size in (3, 7):
        x = random_input((2, size, 5, 3))
        assert_close(model(x), reference.adaptive_pool(x, "average", 3))


@pytest.mark.parametrize(
    "make, kind, words",
    [
        (
            lambda: layers.AdaptiveAveragePooling2D("a"),
            TypeError,
            ["AdaptiveAveragePooling2D", "integer", "'a'"],
        ),
        (lambda: layers.AdaptiveMaxPooling2D(0), ValueError, ["output_size", "> 0", "0"]),
        (lambda: layers.AdaptiveMaxPooling1D((2, 2)), ValueError, ["output_size", "1 integers", "(2, 2)"]),
        (lambda: layers.AdaptiveMaxPooling1D(2)(random_input((2, 2))), ValueError, ["ndim=3", "(2, 2)"]),
    ],
)
def test_adaptive_errors(make, kind, words):
    with pytest.raises(kind) as caught:
        make()
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_window_tuples():
    x = random_input((2, 7, 8, 3))
    y = layers.MaxPooling2D((3, 2), (1, 3), "same")(x)
    assert_close(y, reference.pool(x, "max", (3, 2), (1, 3), "same"))


def test_defaults():
    assert layers.MaxPooling2D().pool_size == (2, 2) and layers.L2Pooling3D().strides == (2, 2, 2)
    with pytest.raises(TypeError, match="pool_size"):
        layers.AveragePooling2D()
    assert layers.MaxPooling1D(3).strides == (3,)


def test_max_pooling_propagates_nan():
    x = np.zeros((1, 4, 1), "float32")
    x[0, 1] = np.nan
    np.testing.assert_array_equal(layers.MaxPooling1D(2)(x)[0, :, 0], [np.nan, 0])


def test_global_average_with_a_mask():
    x = random_input((2, 5, 3))
    mask = np.array([[1, 1, 0, 0, 1], [0, 0, 0, 0, 0]], bool)
    y = layers.GlobalAveragePooling1D()(x, mask=mask)
    assert_close(y[0], x[0, [0, 1, 4]].mean(axis=0))
    assert np.isnan(y[1]).all()


def test_aliases():
    for rank in "123":
        assert getattr(layers, f"MaxPool{rank}D") is getattr(layers, f"MaxPooling{rank}D")
        assert getattr(layers, f"AvgPool{rank}D") is getattr(layers, f"AveragePooling{rank}D")
        assert getattr(layers, f"GlobalMaxPool{rank}D") is getattr(layers, f"GlobalMaxPooling{rank}D")
        assert getattr(layers, f"GlobalAvgPool{rank}D") is getattr(layers, f"GlobalAveragePooling{rank}D")
    from convcore.layers.pooling import MaxPooling2D

    assert MaxPooling2D is layers.MaxPooling2D


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: layers.MaxPooling2D(0), ["pool_size", "0"]),
        (lambda: layers.MaxPooling2D((2, 2, 2)), ["pool_size", "2", "(2, 2, 2)"]),
        (lambda: layers.MaxPooling2D(2, strides=0), ["strides", "0"]),
        (lambda: layers.MaxPooling2D(2, padding="causal"), ["padding", "valid", "same", "causal"]),
        (lambda: layers.MaxPooling2D(2, data_format="x"), ["channels_last", "channels_first", "x"]),
        (lambda: layers.MaxPooling2D(2, foo=1), ["MaxPooling2D", "foo"]),
        (
            lambda: layers.MaxPooling2D(2)(random_input((8, 8, 3))),
            ["max_pooling2d", "ndim", "4", "3", "(8, 8, 3)"],
        ),
        (lambda: layers.MaxPooling2D(9)(random_input((1, 8, 8, 3))), ["max_pooling2d", "9", "8"]),
        (
            lambda: layers.GlobalMaxPooling1D()(random_input((8, 3))),
            ["global_max_pooling1d", "ndim", "3", "(8, 3)"],
        ),
    ],
)
def test_errors(make, words):
    with pytest.raises(ValueError) as caught:
        make()
    assert all(word in str(caught.value) for word in words), str(caught.value)
