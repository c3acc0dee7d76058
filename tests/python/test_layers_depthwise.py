"""Depthwise and separable convolutions: the layer contract over a grid of arguments, and errors."""

import numpy as np
import pytest
from convcore import layers, ops
from convcore.testing import reference
from run_layer_test import assert_close, random_input, run_layer_test

SIZES = {1: (11,), 2: (9, 7)}
STEPS = [{}, {"strides": 2}, {"dilation_rate": 2}, {"strides": 2, "dilation_rate": 3}]


def shapes(rank, data_format, channels=3):
    return (2, channels, *SIZES[rank]) if data_format == "channels_first" else (2, *SIZES[rank], channels)


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("rank, kernel_size, multiplier", [(1, 3, 1), (1, 4, 2), (2, 3, 3), (2, (2, 3), 1)])
def test_depthwise(rank, kernel_size, multiplier, step, padding, data_format):
    window = (kernel_size,) * rank if isinstance(kernel_size, int) else kernel_size
    geometry = {"padding": padding, "data_format": data_format, **step}
    shape = shapes(rank, data_format)
    expected = reference.depthwise_conv(np.zeros(shape), np.zeros((*window, 3, multiplier)), **geometry).shape
    run_layer_test(
        {1: layers.DepthwiseConv1D, 2: layers.DepthwiseConv2D}[rank],
        {
            "kernel_size": kernel_size,
            "depth_multiplier": multiplier,
            "bias_initializer": "random_normal",
            "activation": "relu",
            **geometry,
        },
        shape,
        expected,
        {"kernel": (*window, 3, multiplier), "bias": (3 * multiplier,)},
        reference=lambda x, *weights: np.maximum(reference.depthwise_conv(x, *weights, **geometry), 0),
    )


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("rank, multiplier, use_bias", [(1, 2, True), (2, 1, False), (2, 3, True)])
def test_separable(rank, multiplier, use_bias, step, data_format):
    window, geometry = (3,) * rank, {"padding": "same", "data_format": data_format, **step}
    shape = shapes(rank, data_format)
    depthwise, pointwise = (*window, 3, multiplier), (*(1,) * rank, 3 * multiplier, 5)
    expected = reference.separable_conv(
        np.zeros(shape), np.zeros(depthwise), np.zeros(pointwise), **geometry
    ).shape
    run_layer_test(
        {1: layers.SeparableConv1D, 2: layers.SeparableConv2D}[rank],
        {
            "filters": 5,
            "kernel_size": 3,
            "depth_multiplier": multiplier,
            "use_bias": use_bias,
            "bias_initializer": "random_normal",
            **geometry,
        },
        shape,
        expected,
        {"depthwise_kernel": depthwise, "pointwise_kernel": pointwise} | ({"bias": (5,)} if use_bias else {}),
        reference=lambda x, *weights: reference.separable_conv(x, *weights, **geometry),
    )


def test_functions():
    x, kernel, point = random_input((2, 6, 7, 3)), random_input((2, 3, 3, 2)), random_input((1, 1, 6, 4))
    y = ops.depthwise_conv(x, kernel, strides=(2, 2), padding="SAME", dilation_rate=2)
    assert_close(y, reference.depthwise_conv(x, kernel, strides=2, padding="same", dilation_rate=2))
    y = ops.separable_conv(x, kernel, point, data_format="channels_last")
    assert_close(y, reference.separable_conv(x, kernel, point))
    with pytest.raises(ValueError, match=r"multiplier.*\(2, 6, 7, 3\).*\(2, 3, 4, 2\)"):
        ops.depthwise_conv(x, random_input((2, 3, 4, 2)))


def test_old_names_and_old_configs():
    assert layers.SeparableConvolution2D is layers.SeparableConv2D
    config = layers.DepthwiseConv2D(3).get_config()
    from convcore import saving

    envelope = {"module": "keras.layers", "class_name": "DepthwiseConv2D", "config": {**config, "groups": 1}}
    assert saving.deserialize_keras_object(envelope).get_config() == config


@pytest.mark.parametrize(
    "make, words",
    [
        (
            lambda: layers.DepthwiseConv2D(3, depth_multiplier=0),
            ["depth_multiplier", "strictly positive", "0"],
        ),
        (lambda: layers.DepthwiseConv1D(3, padding="causal"), ["padding", "valid", "same", "causal"]),
        (lambda: layers.DepthwiseConv2D((3,)), ["kernel_size", "2 integers", "(3,)"]),
        (lambda: layers.DepthwiseConv2D(3, groups=3), ["DepthwiseConv2D", "groups"]),
        (lambda: layers.SeparableConv1D(0, 3), ["SeparableConv1D", "filters", "0"]),
        (lambda: layers.SeparableConv2D(4, 3, depth_multiplier=-1), ["depth_multiplier", "-1"]),
        (lambda: layers.SeparableConv2D(4, 3, pointwise_initializer="nope"), ["initializer", "nope"]),
        (lambda: layers.DepthwiseConv2D(9)(random_input((1, 8, 8, 3))), ["depthwise", "at most 8", "9"]),
        (lambda: layers.SeparableConv1D(4, 3)(random_input((1, 8))), ["ndim=3", "(1, 8)"]),
    ],
)
def test_errors(make, words):
    with pytest.raises(ValueError) as caught:
        make()
    assert all(word in str(caught.value) for word in words), str(caught.value)
