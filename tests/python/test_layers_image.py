"""Image layers against Keras with the same drawn numbers; shapes, dtypes, seeds, masks, saving, errors."""

import itertools
import json

import convcore
import numpy as np
import pytest
from convcore import _core, layers, saving
from oracle import keras


def image(*shape, dtype="float32", seed=0):
    return np.random.default_rng(seed).uniform(0, 255, shape).astype(dtype)


def turned(x, data_format):
    return np.ascontiguousarray(np.moveaxis(x, -1, -3)) if data_format == "channels_first" else x


WARPS = {
    "RandomFlip": [{}, {"mode": "horizontal"}, {"mode": "vertical"}],
    "RandomRotation": [{"factor": 0.3}, {"factor": (0.1, 0.2), "interpolation": "nearest"}],
    "RandomTranslation": [{"height_factor": 0.4, "width_factor": (-0.2, 0.9)}],
    "RandomZoom": [{"height_factor": (-0.4, 0.6)}, {"height_factor": 0.2, "width_factor": 0.7}],
    "RandomShear": [{"x_factor": 0.5, "y_factor": (0.1, 0.4)}],
}
COLORS = {
    "RandomContrast": [{"factor": (0.7, 0.9)}, {"factor": 0.4, "value_range": (20, 200)}],
    "RandomBrightness": [{"factor": 0.3}, {"factor": (0.1, 0.6), "value_range": (20, 200)}],
}
FILLS = [{"fill_mode": mode} for mode in ("reflect", "wrap", "nearest")] + [
    {"fill_mode": "constant", "fill_value": 40.0}
]


def _cases():
    for name, variants in {**WARPS, **COLORS}.items():
        fills = FILLS if name in WARPS and name != "RandomFlip" else [{}]
        formats = itertools.cycle(["channels_last", "channels_first", "channels_last"])
        for arguments, fill in itertools.product(variants, fills):
            yield name, {**arguments, **fill, "data_format": next(formats), "seed": 5}


@pytest.mark.parametrize("name, arguments", list(_cases()))
def test_same_numbers_give_the_images_of_keras(name, arguments):
    theirs, ours = getattr(keras.layers, name)(**arguments), getattr(layers, name)(**arguments)
    x = turned(image(3, 15, 22, 3), arguments["data_format"])
    drawn = theirs.get_random_transformation(x)
    expected = np.asarray(theirs.transform_images(x, drawn))
    drawn = {k: np.asarray(v) for k, v in drawn.items() if hasattr(v, "dtype")}
    received = ours.transform_images(x, drawn)
    if arguments.get("interpolation") == "nearest":  # coordinates near a half may go either way
        assert (np.abs(received - expected) > 1e-3).mean() < 0.01
    else:
        np.testing.assert_allclose(received, expected, rtol=0, atol=1e-5 * 255)
    if name == "RandomRotation":
        matrix = ours._rotation(x, drawn["angle"])
        np.testing.assert_allclose(matrix, drawn["rotation_matrix"], rtol=0, atol=2e-5)
    assert set(ours.get_random_transformation(x)) <= set(theirs.get_random_transformation(x))


@pytest.mark.parametrize("name, arguments", [(n, a[-1]) for n, a in {**WARPS, **COLORS}.items()])
def test_draws_lie_where_keras_draws(name, arguments):
    theirs, ours = getattr(keras.layers, name)(**arguments), getattr(layers, name)(**arguments)
    x = image(400, 4, 6, 1)
    expected, received = theirs.get_random_transformation(x), ours.get_random_transformation(x)
    for key, value in received.items():
        mine, other = np.asarray(value, float), np.asarray(expected[key], float)
        assert mine.shape == other.shape
        # standard errors of means over 400 images
        spread = other.std(axis=0) + 1e-6
        assert np.all(np.abs(mine.mean(axis=0) - other.mean(axis=0)) < 5 * spread * np.sqrt(2 / 400))
        low, high = other.min(axis=0), other.max(axis=0)
        slack = 0.1 * (high - low) + 1e-4
        assert np.all(mine.min(axis=0) > low - slack) and np.all(mine.max(axis=0) < high + slack)


SIZED = [
    ("Resizing", {"height": 7, "width": 9, "interpolation": "bicubic"}),
    ("Resizing", {"height": 7, "width": 9, "pad_to_aspect_ratio": True, "fill_value": 5.0}),
    ("CenterCrop", {"height": 7, "width": 9}),
    ("CenterCrop", {"height": 20, "width": 9}),
    ("CenterCrop", {"height": 20, "width": 30}),
    ("RandomCrop", {"height": 20, "width": 9}),
    ("RandomCrop", {"height": 12, "width": 30}),
    ("RandomCrop", {"height": 12, "width": 16}),
]


@pytest.mark.parametrize("name, arguments", SIZED)
def test_sizes_like_keras(name, arguments):
    data_format = "channels_first" if arguments["width"] == 9 else "channels_last"
    theirs = getattr(keras.layers, name)(**arguments, data_format=data_format)
    ours = getattr(layers, name)(**arguments, data_format=data_format)
    for x in (image(2, 12, 17, 3), image(12, 17, 1)):
        x = turned(x, data_format)
        expected = np.asarray(theirs(x))
        np.testing.assert_allclose(ours(x), expected, rtol=0, atol=1e-5 * 255)
    assert ours.compute_output_shape((None, *x.shape)) == theirs.compute_output_shape((None, *x.shape))


def test_random_crop_cuts_the_window_that_was_drawn():
    x = image(2, 12, 17, 3)
    layer = layers.RandomCrop(5, 6, seed=3)
    row, column = (int(v) for v in layer.get_random_transformation(x))
    np.testing.assert_array_equal(
        layers.RandomCrop(5, 6, seed=3)(x), x[:, row : row + 5, column : column + 6]
    )
    places = {tuple(int(v) for v in layer.get_random_transformation(x)) for _ in range(200)}
    assert {row for row, _ in places} == set(range(8)) and {col for _, col in places} == set(range(12))
    np.testing.assert_array_equal(layer(x, training=False), x[:, 3:8, 5:11])


ALL = [
    *[(n, a[0]) for n, a in {**WARPS, **COLORS}.items()],
    *SIZED[::3],
    ("RandomCrop", {"height": 5, "width": 6}),
]


@pytest.mark.parametrize("name, arguments", ALL)
def test_configs_are_those_of_keras(name, arguments):
    arguments = {**arguments, "name": "layer"}
    if name.startswith("Random"):
        arguments = {**arguments, "seed": 7}
    theirs, ours = getattr(keras.layers, name)(**arguments), getattr(layers, name)(**arguments)
    expected = json.loads(json.dumps(keras.saving.serialize_keras_object(theirs)))
    received = json.loads(json.dumps(saving.serialize_keras_object(ours)))
    assert received["config"] == expected["config"] and received["class_name"] == expected["class_name"]
    twin = saving.deserialize_keras_object(expected)
    assert json.loads(json.dumps(saving.serialize_keras_object(twin))) == received


@pytest.mark.parametrize("name, arguments", ALL)
def test_integers_single_images_and_inference(name, arguments):
    seed = {"seed": 3} if name.startswith("Random") else {}  # one that moves at least one of the two images
    layer = getattr(layers, name)(**arguments, **seed)
    x = image(2, 12, 17, 3, dtype="uint8")
    y = layer(x)
    assert y.dtype == (np.uint8 if name == "Resizing" else np.float32)
    assert layer(x[0]).shape == y.shape[1:]
    if name.startswith("Random") and name != "RandomCrop":
        np.testing.assert_array_equal(layer(x, training=False), x)
        model = convcore.Sequential([convcore.Input((12, 17, 3)), layer])
        np.testing.assert_array_equal(model.predict(x.astype("float32"), verbose=0), x)
        assert not np.array_equal(model(x.astype("float32"), training=True), x)
    elif name == "RandomCrop":
        assert layer(x, training=False).shape == y.shape


@pytest.mark.parametrize("name", [*WARPS, *COLORS])
def test_a_seed_reproduces_the_sequence_for_any_number_of_threads(name):
    arguments = {**{**WARPS, **COLORS}[name][0], "seed": 11}
    x = image(9, 40, 50, 3)
    one, two = (getattr(layers, name)(**arguments) for _ in range(2))
    first, second = one(x), one(x)
    assert not np.array_equal(first, second)
    try:
        _core.set_num_threads(1)
        np.testing.assert_array_equal(two(x), first)
        _core.set_num_threads(3)
        np.testing.assert_array_equal(two(x), second)
    finally:
        _core.set_num_threads(0)
    # images are drawn one by one: the first ones of a batch do not depend on how many follow
    np.testing.assert_array_equal(getattr(layers, name)(**arguments)(x[:4]), first[:4])


def test_masks_and_labels_go_along():
    x, masks = image(3, 10, 12, 3), np.random.default_rng(1).integers(0, 4, (3, 10, 12, 1)).astype("int32")
    labels = np.arange(3)
    layer = layers.RandomRotation(0.2, seed=4)
    result = layer({"images": x, "segmentation_masks": masks, "labels": labels})
    np.testing.assert_array_equal(result["images"], layers.RandomRotation(0.2, seed=4)(x))
    np.testing.assert_array_equal(result["labels"], labels)
    assert result["segmentation_masks"].dtype == np.int32
    nearest = layers.RandomRotation(0.2, interpolation="nearest", seed=4)(masks)
    np.testing.assert_array_equal(result["segmentation_masks"], nearest)
    contrast = layers.RandomContrast(0.5)({"images": x, "segmentation_masks": masks})
    np.testing.assert_array_equal(contrast["segmentation_masks"], masks)


def test_augmentation_trains_and_is_saved_with_the_model(tmp_path):
    model = convcore.Sequential(
        [
            convcore.Input((None, None, 3)),
            layers.Rescaling(1 / 255),
            layers.RandomFlip(seed=1),
            layers.RandomRotation(0.1, seed=2),
            layers.RandomZoom(0.1, seed=3),
            layers.RandomContrast(0.2, value_range=(0, 1), seed=4),
            layers.Conv2D(4, 3),
            layers.GlobalAveragePooling2D(),
            layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    x, y = image(12, 9, 11, 3), np.arange(12) % 2
    model.fit(x, y, batch_size=5, epochs=2, verbose=0)
    model.save(tmp_path / "model.keras")
    again = saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
    assert np.isfinite(again.train_on_batch(x, y))


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: layers.RandomRotation(1.5), ["factor", "[-1, 1]", "1.5"]),
        (lambda: layers.RandomRotation("a"), ["factor", "'a'"]),
        (lambda: layers.RandomRotation(0.1, fill_mode="foo"), ["fill_mode", "reflect", "'foo'"]),
        (lambda: layers.RandomRotation(0.1, interpolation="bicubic"), ["interpolation", "'bicubic'"]),
        (lambda: layers.RandomZoom(2.0), ["height_factor", "(-1, 1]", "2.0"]),
        (lambda: layers.RandomZoom(0.1, -1), ["width_factor", "-1"]),
        (lambda: layers.RandomTranslation(0.1, (0.1, 1.1)), ["width_factor", "(0.1, 1.1)"]),
        (lambda: layers.RandomBrightness(2.0), ["factor", "[-1, 1]", "2.0"]),
        (lambda: layers.RandomBrightness(0.5, value_range=3), ["value_range", "3"]),
        (lambda: layers.RandomContrast(-0.1), ["factor", "[0, 1]", "-0.1"]),
        (lambda: layers.RandomFlip("sideways"), ["mode", "vertical", "'sideways'"]),
        (lambda: layers.RandomFlip(bounding_box_format="xyxy"), ["bounding_box_format", "'xyxy'"]),
        (lambda: layers.Resizing(4, 4, interpolation="foo")(image(2, 5, 5, 1)), ["interpolation", "'foo'"]),
        (lambda: layers.RandomFlip()(image(5, 5)), ["rank 3", "5)"]),
        (lambda: layers.RandomFlip(data_format="NHWC"), ["data_format", "'NHWC'"]),
    ],
)
def test_errors(make, words):
    with pytest.raises(ValueError) as caught:
        make()
    assert all(word in str(caught.value) for word in words), str(caught.value)
