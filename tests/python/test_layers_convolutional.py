"""Conv1D, Conv2D, Conv3D: the layer contract over a grid of arguments, weights, and errors."""

import numpy as np
import pytest
from convcore import config, layers
from convcore.testing import reference
from run_layer_test import assert_close, random_input, run_layer_test

LAYERS = {1: layers.Conv1D, 2: layers.Conv2D, 3: layers.Conv3D}
SIZES = {1: (11,), 2: (9, 7), 3: (6, 5, 7)}


def check(rank, kernel_size, channels=3, filters=4, activation=None, use_bias=True, **arguments):
    data_format = arguments.get("data_format", "channels_last")
    sizes = SIZES[rank]
    input_shape = (2, channels, *sizes) if data_format == "channels_first" else (2, *sizes, channels)
    windows = (kernel_size,) * rank if isinstance(kernel_size, int) else kernel_size

    def expected(x, kernel, bias=None):
        return reference.ACTIVATIONS[activation or "linear"](reference.conv(x, kernel, bias, **arguments))

    shape = reference.conv(
        np.zeros(input_shape),
        np.zeros((*windows, channels // arguments.get("groups", 1), filters)),
        **arguments,
    ).shape
    weights = {"kernel": (*windows, channels // arguments.get("groups", 1), filters), "bias": (filters,)}
    if not use_bias:
        del weights["bias"]
    return run_layer_test(
        LAYERS[rank],
        {
            "filters": filters,
            "kernel_size": kernel_size,
            "activation": activation,
            "use_bias": use_bias,
            "bias_initializer": "random_normal",
            **arguments,
        },
        input_shape,
        shape,
        weights,
        reference=expected,
    )


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("step", [{}, {"strides": 2}, {"dilation_rate": 2}])
@pytest.mark.parametrize("rank, kernel_size", [(1, 3), (1, 4), (2, 3), (2, (2, 3)), (3, (2, 3, 2)), (3, 1)])
def test_geometry(rank, kernel_size, step, padding, data_format):
    check(rank, kernel_size, padding=padding, data_format=data_format, **step)


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("step", [{}, {"strides": 3}, {"dilation_rate": 3}])
def test_causal(step, data_format):
    check(1, 3, padding="causal", data_format=data_format, **step)


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("groups", [2, 4])
def test_groups(rank, groups):
    check(rank, 2, channels=4, filters=8, groups=groups)


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "softmax", "elu"])
def test_activation(activation):
    check(2, 3, activation=activation)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_without_bias(rank):
    check(rank, 2, use_bias=False)


def test_uneven_strides_per_axis():
    check(2, (3, 2), strides=(2, 3), padding="same")
    check(3, (2, 1, 3), strides=(1, 2, 1))


def test_the_global_data_format_is_read_at_construction():
    config.set_image_data_format("channels_first")
    try:
        layer = layers.Conv1D(4, 3)
    finally:
        config.set_image_data_format("channels_last")
    assert layer.data_format == "channels_first"
    assert layer(random_input((2, 3, 9))).shape == (2, 4, 7)


def test_words_are_stored_in_lower_case():
    layer = layers.Conv2D(4, 3, padding="SAME", data_format="Channels_First")
    assert (layer.padding, layer.data_format) == ("same", "channels_first")


def test_integer_inputs_are_promoted():
    layer = layers.Conv2D(4, 3)
    x = np.random.default_rng(0).integers(0, 255, (2, 8, 8, 3)).astype("uint8")
    y = layer(x)
    assert y.dtype == np.float32
    assert_close(y, reference.conv(x, *layer.get_weights()))


def test_unknown_spatial_sizes_stay_unknown():
    from convcore import KerasTensor

    assert layers.Conv2D(4, 3, padding="same", strides=2)(KerasTensor((None, None, 8, 3))).shape == (
        None,
        None,
        4,
        4,
    )


def test_old_names():
    assert layers.Convolution2D is layers.Conv2D
    from convcore.layers.convolutional import Conv2D

    assert Conv2D is layers.Conv2D


def test_kernels_have_the_variance_of_their_fans():
    layer = layers.Conv2D(64, 3, groups=2, kernel_initializer="he_normal")
    layer.build((None, 8, 8, 64))
    # fan in is (channels / groups) * window
    assert np.std(layer.get_weights()[0]) == pytest.approx(np.sqrt(2 / (32 * 9)), rel=0.03)


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: layers.Conv2D(0, 3), ["filters", "strictly positive", "0"]),
        (lambda: layers.Conv2D(2.5, 3), ["filters", "integer", "2.5"]),
        (lambda: layers.Conv2D(4, 0), ["kernel_size", "2", "0"]),
        (lambda: layers.Conv2D(4, (3,)), ["kernel_size", "2", "(3,)"]),
        (lambda: layers.Conv2D(4, (3, "a")), ["kernel_size", "'a'"]),
        (lambda: layers.Conv2D(4, 3, strides=0), ["strides", "0"]),
        (lambda: layers.Conv2D(4, 3, strides=2, dilation_rate=2), ["strides=(2, 2)", "dilation_rate=(2, 2)"]),
        (
            lambda: layers.Conv2D(4, 3, strides=(2, 1), dilation_rate=(1, 2)),
            ["strides=(2, 1)", "dilation_rate=(1, 2)"],
        ),
        (lambda: layers.Conv2D(4, 3, padding="foo"), ["padding", "valid", "same", "foo"]),
        (lambda: layers.Conv2D(4, 3, padding="causal"), ["padding", "valid", "same", "causal"]),
        (lambda: layers.Conv2D(4, 3, padding=(1, 1)), ["padding", "(1, 1)"]),
        (lambda: layers.Conv2D(4, 3, groups=0), ["groups", "0"]),
        (lambda: layers.Conv2D(4, 3, groups=3), ["filters=4", "groups=3"]),
        (lambda: layers.Conv2D(4, 3, data_format="NHWC"), ["channels_last", "channels_first", "NHWC"]),
        (lambda: layers.Conv2D(4, 3, activation="nope"), ["activation", "nope"]),
        (lambda: layers.Conv2D(4, 3, kernel_initializer="nope"), ["initializer", "nope"]),
        (lambda: layers.Conv2D(4, 3, kernel_regularizer="nope"), ["regularizer", "nope"]),
        (lambda: layers.Conv2D(4, 3, bias_constraint="nope"), ["constraint", "nope"]),
        (lambda: layers.Conv2D(4, 3, foo=1), ["Conv2D", "foo"]),
        (lambda: layers.Conv2D(4, 3, name="a/b"), ["a/b", "/"]),
        (lambda: layers.Conv2D(4, 3, trainable="x"), ["trainable", "x"]),
    ],
)
def test_constructor_errors(make, words):
    with pytest.raises(ValueError) as caught:
        make()
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize(
    "arguments, shape, words",
    [
        ({"groups": 2}, (1, 8, 8, 3), ["3 channels", "groups=2", "8, 8, 3)"]),
        ({}, (8, 8, 3), ["ndim", "4", "3", "(8, 8, 3)"]),
        ({}, (1, 8, 8, 8, 3), ["ndim", "4", "5", "(1, 8, 8, 8, 3)"]),
        ({}, (1, 2, 8, 3), ["at most 2", "3"]),
        ({"dilation_rate": 4}, (1, 8, 8, 3), ["at most 8", "9"]),
    ],
)
@pytest.mark.parametrize("symbolic", [False, True])
def test_call_errors(arguments, shape, words, symbolic):
    from convcore import KerasTensor

    layer = layers.Conv2D(4, 3, name="front", **arguments)
    with pytest.raises(ValueError) as caught:
        layer(KerasTensor(shape) if symbolic else random_input(shape))
    assert all(word in str(caught.value) for word in ["front", *words]), str(caught.value)


def test_another_channel_count_is_refused():
    layer = layers.Conv2D(4, 3)
    layer(random_input((1, 8, 8, 3)))
    with pytest.raises(ValueError, match=r"axis -1.*3.*\(1, 8, 8, 5\)"):
        layer(random_input((1, 8, 8, 5)))


def test_an_unknown_channel_count_is_refused():
    from convcore import KerasTensor

    with pytest.raises(ValueError, match="channel"):
        layers.Conv2D(4, 3)(KerasTensor((None, 8, 8, None)))
