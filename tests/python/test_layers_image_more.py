"""Further image layers against Keras with the same drawn numbers, and the distributions of what they draw."""

import json

import convcore
import numpy as np
import pytest
from convcore import layers, saving
from convcore.random import SeedGenerator
from convcore.random.gamma_draws import beta_like, permutation_like
from oracle import keras


def image(*shape, dtype="float32", seed=0):
    return np.random.default_rng(seed).uniform(0, 255, shape).astype(dtype)


CASES = [
    ("RandomHue", {"factor": (0.3, 0.9)}),
    ("RandomHue", {"factor": 0.5, "value_range": (0, 300)}),
    ("RandomSaturation", {"factor": (0.1, 0.8)}),
    ("RandomGrayscale", {"factor": 0.5}),
    ("RandomInvert", {"factor": 0.5}),
    ("RandomColorDegeneration", {"factor": 0.7}),
    ("RandomSharpness", {"factor": (0.1, 0.9)}),
    ("RandomGaussianBlur", {"factor": 0.8, "kernel_size": (5, 3), "sigma": (0.4, 1.0)}),
    ("RandomErasing", {"factor": (0.5, 1.0), "scale": (0.1, 0.4)}),
    ("RandomErasing", {"fill_value": 10, "value_range": (15, 200)}),
    ("RandomPosterization", {"factor": (2, 6)}),
    ("RandomPosterization", {"factor": (3, 3), "value_range": (0, 1)}),
    ("Solarization", {"addition_factor": 0.3, "threshold_factor": (0.2, 0.7)}),
    ("AutoContrast", {"value_range": (0, 255)}),
    ("AutoContrast", {"value_range": (-10, 300)}),
    ("Equalization", {}),
    ("Equalization", {"value_range": (-10, 300), "bins": 100}),
    ("MixUp", {"alpha": 0.7}),
    ("CutMix", {"factor": 0.8}),
]


F32 = "float32"


def pair(name, arguments):
    return getattr(keras.layers, name)(**arguments), getattr(layers, name)(**arguments)


@pytest.mark.parametrize("i", range(len(CASES)))
def test_same_numbers_give_the_images_of_keras(i):
    name, arguments = CASES[i]
    # of AutoContrast Keras takes the extremes over (1, 2) whatever the format
    data_format = "channels_first" if i % 2 and name != "AutoContrast" else "channels_last"
    arguments = {**arguments, "data_format": data_format}
    if name not in ("AutoContrast", "Equalization"):
        arguments["seed"] = 5
    theirs, ours = pair(name, arguments)
    x = image(4, 9, 12, 3)
    x = x / 255 if arguments.get("value_range") == (0, 1) else x
    x = np.ascontiguousarray(x.transpose(0, 3, 1, 2)) if data_format == "channels_first" else x
    drawn = theirs.get_random_transformation(x)
    expected = np.asarray(theirs.transform_images(x, drawn))
    if isinstance(drawn, dict):
        drawn = {key: np.asarray(value) for key, value in drawn.items()}
    elif drawn is not None:
        drawn = np.asarray(drawn)
    received = ours.transform_images(x, drawn)
    if name == "RandomPosterization" and np.abs(x).max() <= 1:  # a value near a step may go either way
        assert (np.abs(received - expected) > 1e-4).mean() < 0.01
    else:
        np.testing.assert_allclose(received, expected, rtol=0, atol=2e-5 * 255)
    own = ours.get_random_transformation(x)
    if isinstance(drawn, dict):
        assert set(own) == set(drawn)
        assert {k: np.shape(v) for k, v in own.items() if k not in ("fill_value", "batch_masks")} == {
            k: np.shape(v) for k, v in drawn.items() if k not in ("fill_value", "batch_masks")
        }
    y = ours(x)
    assert y.shape == x.shape and y.dtype == np.float32 and np.isfinite(y).all()
    if name != "AutoContrast":
        np.testing.assert_array_equal(ours(x, training=False), x)


@pytest.mark.parametrize("name, arguments", CASES[::2])
def test_configs_are_those_of_keras(name, arguments):
    theirs, ours = pair(name, {**arguments, "name": "layer"})
    expected = json.loads(json.dumps(keras.saving.serialize_keras_object(theirs)))
    assert json.loads(json.dumps(saving.serialize_keras_object(ours)))["config"] == expected["config"]
    twin = saving.deserialize_keras_object(expected)
    assert json.loads(json.dumps(saving.serialize_keras_object(twin)))["config"] == expected["config"]


def test_color_jitter_is_its_four_layers_in_a_row():
    x = image(3, 6, 7, 3)
    factors = {"brightness": 0.2, "contrast": 0.3, "saturation": 0.4, "hue": 0.1}
    jitter = layers.RandomColorJitter(**{f"{key}_factor": f for key, f in factors.items()}, seed=3)
    expected = x
    for key, factor in factors.items():
        expected = getattr(layers, f"Random{key.capitalize()}")(factor, seed=3)(expected)
    np.testing.assert_allclose(jitter(x), expected, rtol=0, atol=1e-3)
    np.testing.assert_array_equal(layers.RandomColorJitter()(x), x)


def test_the_beta_distribution():
    x = np.zeros((200_000, 1), "float32")
    for alpha, beta in ((0.2, 0.2), (1.0, 1.0), (2.0, 5.0), (0.05, 0.5)):
        draws = np.asarray(beta_like(x, alpha, beta, (None,), SeedGenerator(4)), "float64")
        mean, total = alpha / (alpha + beta), alpha + beta
        variance = mean * (1 - mean) / (total + 1)
        assert draws.shape == (200_000,) and draws.min() >= 0 and draws.max() <= 1
        # within five standard errors
        assert abs(draws.mean() - mean) < 5 * np.sqrt(variance / 200_000)
        assert draws.var() == pytest.approx(variance, rel=0.02)


def test_permutations():
    x = np.zeros((6, 1), "float32")
    seed = SeedGenerator(4)
    orders = [tuple(np.asarray(permutation_like(x, seed)).tolist()) for _ in range(300)]
    assert all(sorted(order) == list(range(6)) for order in orders) and len(set(orders)) > 200
    assert abs(np.mean(orders, axis=0) - 2.5).max() < 5 * np.sqrt(35 / 12 / 300)


@pytest.mark.parametrize("name", ["MixUp", "CutMix"])
def test_labels_are_mixed_like_images(name):
    layer = getattr(layers, name)(seed=2)
    x = np.broadcast_to(np.arange(8, dtype="float32")[:, None, None, None], (8, 20, 20, 3)).copy()
    labels = np.eye(8, dtype="float32")
    result = layer({"images": x, "labels": labels})
    # an image of one value v is label v: what is left of it is its part of the label
    parts = np.stack([(result["images"] == v).mean((1, 2, 3)) for v in range(8)], axis=1)
    mixed = result["images"].mean((1, 2, 3))
    np.testing.assert_allclose(result["labels"].sum(1), 1, rtol=1e-5)
    if name == "MixUp":
        np.testing.assert_allclose(result["labels"] @ np.arange(8), mixed, rtol=1e-4, atol=1e-4)
    else:
        # boxes are whole pixels, areas are not
        np.testing.assert_allclose(result["labels"], parts, atol=0.11)
    again = getattr(layers, name)(seed=2)({"images": x, "labels": labels})
    np.testing.assert_array_equal(again["images"], result["images"])


def test_a_pipeline_of_layers(tmp_path):
    steps = [layers.RandomFlip(seed=1), layers.RandomContrast(0.3, seed=2), layers.Rescaling(1 / 255)]
    pipeline = layers.Pipeline(steps)
    x = image(3, 5, 6, 3)
    alone = [layers.RandomFlip(seed=1), layers.RandomContrast(0.3, seed=2), layers.Rescaling(1 / 255)]
    expected = alone[2](alone[1](alone[0](x)))
    np.testing.assert_allclose(pipeline(x), expected, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(pipeline(x, training=False), x / 255, rtol=1e-6)
    assert pipeline.layers == steps
    model = convcore.Sequential([convcore.Input((5, 6, 3)), pipeline, layers.Flatten(), layers.Dense(2)])
    model.save(tmp_path / "model.keras")
    again = saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
    config = json.loads(json.dumps(saving.serialize_keras_object(pipeline)))
    twin = keras.saving.deserialize_keras_object(config)
    assert [type(layer).__name__ for layer in twin.layers] == ["RandomFlip", "RandomContrast", "Rescaling"]


def test_erasing_with_a_color():
    x = image(30, 8, 8, 3)
    y = layers.RandomErasing(fill_value=(300, 20, 30), scale=(0.2, 0.4), seed=1)(x)
    erased = (y != x).any(-1)
    assert 0.03 < erased.mean() < 0.3
    np.testing.assert_array_equal(y[erased], np.broadcast_to([255, 20, 30], (erased.sum(), 3)))


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: layers.RandomHue(2.0), ["factor", "[0, 1]", "2.0"]),
        (lambda: layers.RandomGaussianBlur(kernel_size=4), ["kernel_size", "odd", "4"]),
        (lambda: layers.RandomPosterization(9), ["factor", "[1, 8]", "9"]),
        (lambda: layers.RandomErasing(fill_value="x"), ["fill_value", "'x'"]),
        (lambda: layers.Solarization(addition_factor=2), ["addition_factor", "2"]),
        (lambda: layers.MixUp(0), ["alpha", "0"]),
        (lambda: layers.RandomGrayscale(1.5), ["factor", "1.5"]),
        (lambda: layers.Pipeline.from_config({}), ["layers", "None"]),
    ],
)
def test_errors(make, words):
    with pytest.raises(ValueError) as caught:
        make()
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize(
    "arguments, shape, dtype",
    [
        (
            {"clip_limit": 1.5, "value_range": (0, 1), "data_format": "channels_first"},
            (2, 2, 13, 17),
            "float32",
        ),
        ({"tile_grid_size": (3, 2)}, (1, 12, 12, 1), "int32"),
    ],
)
def test_equalization_by_tiles(arguments, shape, dtype):
    """Of integers, where the new value is nearly one, a unit more or less is a matter of rounding."""
    theirs, ours = pair("ContrastLimitedAdaptiveHistogramEqualization", {**arguments, "name": "layer"})
    x = image(*shape) ** 2 / 255 * (arguments.get("value_range", (0, 255))[1] / 255)
    x = x.astype(dtype)
    expected, received = np.asarray(theirs(x)), ours(x)
    assert received.dtype == expected.dtype
    np.testing.assert_allclose(received, expected, rtol=0, atol=1e-4 * 255 if dtype == "float32" else 1)
    np.testing.assert_allclose(ours(x[0]), received[0], rtol=0, atol=1e-4)
    assert saving.deserialize_keras_object(saving.serialize_keras_object(theirs)) is not None
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(theirs)))["config"]
    assert json.loads(json.dumps(saving.serialize_keras_object(ours)))["config"] == config
    model = convcore.Sequential([layers.Input(shape[1:], dtype=dtype), ours])
    np.testing.assert_array_equal(model.predict(x, verbose=0), received)
    with pytest.raises(ValueError, match="two integers > 0"):
        type(ours)(tile_grid_size=(0, 2))
