"""Transposed convolutions of rank 1 to 3: the layer contract over a grid of arguments, and errors."""

import inspect

import numpy as np
import pytest
from convcore import KerasTensor, Model, layers, ops
from convcore.testing import reference
from run_layer_test import assert_close, random_input, run_layer_test

LAYERS = {1: layers.Conv1DTranspose, 2: layers.Conv2DTranspose, 3: layers.Conv3DTranspose}
SIZES = {1: (6,), 2: (4, 5), 3: (3, 2, 4)}


def check(rank, kernel_size, data_format="channels_last", activation=None, use_bias=True, **geometry):
    sizes = SIZES[rank]
    shape = (2, 3, *sizes) if data_format == "channels_first" else (2, *sizes, 3)
    window = (kernel_size,) * rank if isinstance(kernel_size, int) else kernel_size
    geometry["data_format"] = data_format
    expected = reference.conv_transpose(np.zeros(shape), np.zeros((*window, 5, 3)), **geometry).shape
    run_layer_test(
        LAYERS[rank],
        {
            "filters": 5,
            "kernel_size": kernel_size,
            "activation": activation,
            "use_bias": use_bias,
            "bias_initializer": "random_normal",
            **geometry,
        },
        shape,
        expected,
        {"kernel": (*window, 5, 3)} | ({"bias": (5,)} if use_bias else {}),
        reference=lambda x, *weights: reference.ACTIVATIONS[activation or "linear"](
            reference.conv_transpose(x, *weights, **geometry)
        ),
    )


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("step", [{}, {"strides": 2}, {"strides": 4}, {"dilation_rate": 2}])
@pytest.mark.parametrize("rank, kernel_size", [(1, 3), (1, 4), (2, 3), (2, (2, 3)), (3, 2)])
def test_geometry(rank, kernel_size, step, padding, data_format):
    check(rank, kernel_size, data_format, padding=padding, **step)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("kernel_size", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("output_padding", [0, 1, 2])
def test_output_padding(kernel_size, output_padding, padding):
    check(1, kernel_size, strides=3, output_padding=output_padding, padding=padding)


def test_axes_apart():
    check(2, (3, 4), strides=(2, 3), output_padding=(1, 0), padding="same", activation="relu")
    check(3, (1, 4, 2), strides=(3, 2, 1), output_padding=(2, 0, 0), use_bias=False)


def test_unknown_sizes_stay_unknown():
    layer = layers.Conv2DTranspose(4, 3, strides=2, padding="same")
    assert layer(KerasTensor((None, None, 8, 3))).shape == (None, None, 16, 4)
    # one plan for each size, one model for all
    inputs = layers.Input((None, None, 3))
    model = Model(inputs, layer(inputs))
    for size in (4, 6):
        x = random_input((2, size, 5, 3))
        assert_close(model(x), reference.conv_transpose(x, *layer.get_weights(), strides=2, padding="same"))


def test_it_undoes_the_shape_of_a_convolution():
    for n in range(4, 9):
        x = KerasTensor((1, n, n, 3))
        y = layers.Conv2D(4, 3, strides=2)(x)
        back = layers.Conv2DTranspose(3, 3, strides=2, output_padding=(n - 3) % 2)(y)
        assert back.shape == x.shape


def test_argument_order():
    """In Keras, data_format stands before output_padding for rank 3 only."""
    orders = [list(inspect.signature(layer.__init__).parameters) for layer in LAYERS.values()]
    assert orders[0] == orders[1]
    assert orders[0][5:7] == ["output_padding", "data_format"]
    assert orders[2][5:7] == ["data_format", "output_padding"]
    layer = layers.Conv3DTranspose(4, 3, 2, "same", "channels_first", 1)
    assert (layer.data_format, layer.output_padding) == ("channels_first", (1, 1, 1))


def test_function():
    x, kernel = random_input((2, 5, 4, 3)), random_input((3, 2, 4, 3))
    y = ops.conv_transpose(x, kernel, strides=2, padding="same", output_padding=1)
    assert_close(y, reference.conv_transpose(x, kernel, strides=2, padding="same", output_padding=1))
    with pytest.raises(ValueError, match=r"filters, channels.*\(3, 2, 3, 4\)"):
        ops.conv_transpose(x, random_input((3, 2, 3, 4)))


@pytest.mark.parametrize(
    "make, words",
    [
        (
            lambda: layers.Conv2DTranspose(4, 3, strides=(3, 2), output_padding=(2, 2)),
            ["Conv2DTranspose", "axis 1", "output_padding=(2, 2)", "strides=(3, 2)"],
        ),
        (lambda: layers.Conv2DTranspose(4, 3, output_padding=0, strides=0), ["strides", "0"]),
        (lambda: layers.Conv1DTranspose(4, 3, output_padding=-1, strides=2), ["output_padding", "-1"]),
        (
            lambda: layers.Conv1DTranspose(4, 3, strides=2, dilation_rate=2),
            ["strides=(2,)", "dilation_rate=(2,)"],
        ),
        (lambda: layers.Conv1DTranspose(4, 3, padding="causal"), ["padding", "valid", "same", "causal"]),
        (lambda: layers.Conv3DTranspose(-1, 3), ["Conv3DTranspose", "filters", "-1"]),
        (lambda: layers.Conv2DTranspose(4, 3)(random_input((1, 8, 3))), ["ndim=4", "(1, 8, 3)"]),
        (lambda: layers.Conv2DTranspose(4, 3)(KerasTensor((None, 8, 8, None))), ["channel", "None"]),
    ],
)
def test_errors(make, words):
    with pytest.raises(ValueError) as caught:
        make()
    assert all(word in str(caught.value) for word in words), str(caught.value)
