"""ops.image against Keras on JAX: batches and single images, dtypes, data formats, saved configs."""

import json

import convcore
import numpy as np
import pytest
from convcore import ops
from oracle import keras


def image(*shape, dtype="float32", seed=0):
    values = np.random.default_rng(seed).uniform(0, 255, shape)
    return values.astype(dtype)


def assert_like_keras(name, *args, tolerance=1e-5, **settings):
    expected = np.asarray(getattr(keras.ops.image, name)(*args, **settings))
    received = getattr(ops.image, name)(*args, **settings)
    assert received.shape == expected.shape and received.dtype == expected.dtype
    scale = max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(received, expected, rtol=0, atol=tolerance * scale)


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"])
@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize("size", [(7, 23), (16, 5), (12, 17)])
def test_resize(interpolation, antialias, size):
    settings = {"interpolation": interpolation, "antialias": antialias}
    assert_like_keras("resize", image(2, 12, 17, 3), size, **settings)
    assert_like_keras("resize", image(3, 12, 9), size, data_format="channels_first", **settings)


@pytest.mark.parametrize("shape", [(2, 10, 20, 3), (2, 20, 10, 3), (9, 16, 1)])
@pytest.mark.parametrize("size", [(8, 8), (5, 12), (12, 5)])
@pytest.mark.parametrize("how", ["crop_to_aspect_ratio", "pad_to_aspect_ratio"])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_resize_keeps_the_aspect_ratio(shape, size, how, data_format):
    x = image(*shape)
    x = np.moveaxis(x, -1, -3).copy() if data_format == "channels_first" else x
    assert_like_keras("resize", x, size, fill_value=7.0, data_format=data_format, **{how: True})


def test_resize_of_integers_rounds_and_saturates():
    x = np.where(image(1, 8, 8, 3) > 128, 254, 0).astype("uint8")
    for interpolation in ("nearest", "bilinear", "bicubic"):
        # a value near a half may round either way
        expected = np.asarray(keras.ops.image.resize(x, (11, 5), interpolation=interpolation)).astype(int)
        received = ops.image.resize(x, (11, 5), interpolation=interpolation)
        assert received.dtype == np.uint8
        assert np.abs(received.astype(int) - expected).max() <= 1
        assert (received != expected).mean() < 0.02


def test_crop_and_pad():
    for shape, data_format in (((2, 9, 7, 3), "channels_last"), ((3, 9, 7), "channels_first")):
        x = image(*shape)
        both = {"data_format": data_format}
        assert_like_keras(
            "crop_images", x, top_cropping=2, target_height=4, right_cropping=1, target_width=5, **both
        )
        assert_like_keras(
            "crop_images", x, top_cropping=2, bottom_cropping=0, left_cropping=1, right_cropping=1, **both
        )
        assert_like_keras(
            "pad_images", x, top_padding=2, target_height=14, right_padding=1, target_width=9, **both
        )
        assert_like_keras(
            "pad_images", x, top_padding=2, bottom_padding=0, left_padding=1, right_padding=1, **both
        )


@pytest.mark.parametrize("fill_mode", ["constant", "nearest", "wrap", "mirror", "reflect"])
def test_affine_transform_and_coordinates(fill_mode):
    x = image(2, 9, 11, 3)
    rows = np.array(
        [[0.8, -0.4, 3.0, 0.3, 1.2, -2.0, 0, 0], [2.1, 0.3, -9.0, -0.2, 0.7, 4.0, 0, 0]], "float32"
    )
    settings = {"fill_mode": fill_mode, "fill_value": 30.0}
    assert_like_keras("affine_transform", x, rows, **settings)
    assert_like_keras("affine_transform", x[0], rows[0], **settings)
    first = np.ascontiguousarray(x.transpose(0, 3, 1, 2))
    assert_like_keras("affine_transform", first, rows, data_format="channels_first", **settings)
    places = np.random.default_rng(1).uniform(-15, 25, (3, 4, 5)).astype("float32")
    for order in (0, 1):
        assert_like_keras("map_coordinates", x[0], places, order, **settings)
    assert_like_keras("map_coordinates", x[0].astype("int32"), places, 0, **settings)


def test_gradients_of_coordinates():
    x = np.array([[0.0, 1.0, 4.0], [2.0, 5.0, 7.0]], "float32")
    with convcore.core.trace.Trace() as trace:
        inputs = trace.input("float32", (2, 3), "x")
        places = trace.input("float32", (2, 1), "u")
        y = ops.image.map_coordinates(inputs, places, 1)
        function = trace.finish(list(trace.graph.gradients(ops.sum(y), [inputs, places])))
    dx, du = function([x, np.array([[0.25], [1.5]], "float32")])
    np.testing.assert_allclose(dx, [[0, 0.375, 0.375], [0, 0.125, 0.125]])
    # d/drow: (5 + 7)/2 - (1 + 4)/2; d/dcolumn: 0.75 (4 - 1) + 0.25 (7 - 5)
    np.testing.assert_allclose(du, [[3.5], [2.75]])


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_colors(data_format):
    x = image(2, 5, 6, 3) / 255
    x[0, 0] = 0.5  # gray
    x[0, 1] = 0.0
    x = np.ascontiguousarray(x.transpose(0, 3, 1, 2)) if data_format == "channels_first" else x
    for name in ("rgb_to_grayscale", "rgb_to_hsv", "hsv_to_rgb"):
        assert_like_keras(name, x, data_format=data_format)
        assert_like_keras(name, x[0], data_format=data_format)
    hsv = ops.image.rgb_to_hsv(x, data_format=data_format)
    np.testing.assert_allclose(ops.image.hsv_to_rgb(hsv, data_format=data_format), x, atol=1e-6)


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_patches(padding, data_format):
    both = {"padding": padding, "data_format": data_format}
    x = image(2, 9, 11, 3)
    x = np.ascontiguousarray(x.transpose(0, 3, 1, 2)) if data_format == "channels_first" else x
    assert_like_keras("extract_patches", x, (2, 3), **both)
    assert_like_keras("extract_patches", x[0], 3, strides=2, **both)
    assert_like_keras("extract_patches", x, (3, 2), strides=1, dilation_rate=2, **both)
    volume = image(1, 4, 5, 6, 2)
    volume = (
        np.ascontiguousarray(volume.transpose(0, 4, 1, 2, 3)) if data_format == "channels_first" else volume
    )
    assert_like_keras("extract_patches_3d", volume, (2, 2, 3), **both)


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_filters(data_format):
    x = image(2, 9, 11, 3)
    x = np.ascontiguousarray(x.transpose(0, 3, 1, 2)) if data_format == "channels_first" else x
    assert_like_keras("gaussian_blur", x, (5, 3), (0.7, 1.5), data_format=data_format)
    assert_like_keras("gaussian_blur", x[0], data_format=data_format)
    assert_like_keras("sobel_edges", x, data_format=data_format)


SYMBOLIC = {
    "rgb_to_grayscale": lambda k, x: k.ops.image.rgb_to_grayscale(x),
    "resize": lambda k, x: k.ops.image.resize(x, (4, 9), interpolation="bicubic"),
    "crop_images": lambda k, x: k.ops.image.crop_images(
        x, top_cropping=1, bottom_cropping=1, left_cropping=0, target_width=3
    ),
    "pad_images": lambda k, x: k.ops.image.pad_images(
        x, top_padding=1, bottom_padding=1, left_padding=0, target_width=9
    ),
}


@pytest.mark.parametrize("case", SYMBOLIC)
def test_in_functional_models(case):
    x = image(2, 6, 5, 3)
    values, configs = [], []
    for k in (keras, convcore):
        k.backend.clear_session()
        inputs = k.Input((6, 5, 3), name="x")
        model = k.Model(inputs, SYMBOLIC[case](k, inputs))
        values.append(np.asarray(model(x)))
        config = json.dumps(k.saving.serialize_keras_object(model.get_config()))
        # a file holds the layout that the model was made for; Keras writes null and reads channels_first
        configs.append(json.loads(config.replace('"data_format": null', '"data_format": "channels_last"')))
    np.testing.assert_allclose(values[1], values[0], rtol=1e-5, atol=1e-3)
    assert configs[1] == configs[0]


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda x: ops.image.resize(x, (3, 0)), ["size", "(3, 0)"]),
        (
            lambda x: ops.image.resize(x, (3, 3), interpolation="cubic"),
            ["interpolation", "bicubic", "'cubic'"],
        ),
        (lambda x: ops.image.resize(x, (3, 3), fill_mode="wrap"), ["fill_mode", "'wrap'"]),
        (lambda x: ops.image.resize(x[0, 0], (3, 3)), ["rank 3", "(5, 3)"]),
        (
            lambda x: ops.image.resize(x, (3, 3), crop_to_aspect_ratio=True, pad_to_aspect_ratio=True),
            ["at most one"],
        ),
        (lambda x: ops.image.crop_images(x, top_cropping=1), ["exactly two", "target_height"]),
        (
            lambda x: ops.image.crop_images(x, 9, 0, 0, 0),
            ["crop_images", "window inside the height of 6"],
        ),
        (lambda x: ops.image.pad_images(x, 1, 1, -1, 1), ["bottom_padding", "-1"]),
    ],
)
def test_errors(call, words):
    with pytest.raises(ValueError) as caught:
        call(image(2, 6, 5, 3))
    assert all(word in str(caught.value) for word in words), str(caught.value)
