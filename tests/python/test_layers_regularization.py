"""Dropout and activity penalties: distribution, seeds, noise shapes, losses."""

import statistics

import numpy as np
import pytest
from convcore import layers, regularizers
from run_layer_test import random_input, run_layer_test


@pytest.mark.parametrize("rate", [0.0, 0.4, 1.0])
def test_dropout_is_the_identity_outside_training(rate):
    run_layer_test(layers.Dropout, {"rate": rate, "seed": 3}, (2, 3, 4), (2, 3, 4), reference=lambda x: x)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_dropout_drops_and_scales(rate):
    x = np.full((400, 250), 3.0, "float32")
    y = layers.Dropout(rate, seed=1)(x, training=True)
    kept = y != 0
    np.testing.assert_allclose(y[kept], 3.0 / (1 - rate), rtol=1e-6)
    # 100,000 draws: within five standard errors
    assert abs(kept.mean() - (1 - rate)) < 5 * np.sqrt(rate * (1 - rate) / 100_000)
    # neighbours are independent
    assert abs(np.corrcoef(kept[:, :-1].ravel(), kept[:, 1:].ravel())[0, 1]) < 0.02


def test_dropout_of_everything_and_of_nothing():
    x = random_input((5, 6))
    np.testing.assert_array_equal(layers.Dropout(1.0)(x, training=True), np.zeros((5, 6)))
    np.testing.assert_array_equal(layers.Dropout(0.0)(x, training=True), x)


def test_a_seed_reproduces_the_sequence_of_masks():
    x = np.ones((20, 20), "float32")
    one, two, three = layers.Dropout(0.5, seed=7), layers.Dropout(0.5, seed=7), layers.Dropout(0.5, seed=8)
    first, second = one(x, training=True), one(x, training=True)
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(two(x, training=True), first)
    np.testing.assert_array_equal(two(x, training=True), second)
    assert not np.array_equal(three(x, training=True), first)


@pytest.mark.parametrize(
    "noise_shape, shared", [((None, 1, None), 1), ((8, 1, 6), 1), ((1, None, None), 0), ((None, None, 1), 2)]
)
def test_noise_shape(noise_shape, shared):
    y = layers.Dropout(0.5, noise_shape=noise_shape, seed=2)(np.ones((8, 5, 6), "float32"), training=True)
    np.testing.assert_array_equal(y, np.broadcast_to(np.take(y, [0], axis=shared), y.shape))
    kept = np.take(y, 0, axis=shared) != 0
    assert 0 < kept.mean() < 1


def test_the_generator_state_is_no_weight():
    layer = layers.Dropout(0.5)
    layer(random_input((2, 3)))
    assert layer.weights == [] and layer.count_params() == 0
    assert [tuple(v.shape) for v in layer.variables] == [(2,)]


def test_activity_regularization_is_divided_by_the_batch():
    x = random_input((4, 3))
    layer = layers.ActivityRegularization(l1=0.5, l2=0.25)
    np.testing.assert_array_equal(layer(x), x)
    expected = (0.5 * np.abs(x).sum() + 0.25 * (x**2).sum()) / 4
    assert float(sum(layer.losses)) == pytest.approx(float(expected), rel=1e-5)


def test_activity_regularizer_of_a_layer_is_divided_by_the_batch():
    x = random_input((4, 3))
    layer = layers.Dense(2, activity_regularizer=regularizers.L2(0.5), kernel_regularizer="l2")
    y = layer(x)
    kernel = layer.get_weights()[0]
    assert sorted(float(loss) for loss in layer.losses) == pytest.approx(
        sorted([0.5 * float((y**2).sum()) / 4, 0.01 * float((kernel**2).sum())]), rel=1e-5
    )


def test_a_frozen_layer_has_no_weight_penalty():
    layer = layers.Dense(2, kernel_regularizer="l2")
    layer.build((None, 3))
    assert len(layer.losses) == 1
    layer.trainable = False
    assert layer.losses == []


def test_activity_regularization_config():
    config = layers.ActivityRegularization(0.5, 0.25).get_config()
    assert config["l1"] == 0.5 and config["l2"] == 0.25 and "activity_regularizer" not in config


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: layers.Dropout(1.5), ["rate", "[0, 1]", "1.5"]),
        (lambda: layers.Dropout(-0.1), ["rate", "[0, 1]", "-0.1"]),
        (lambda: layers.Dropout("x"), ["rate", "'x'"]),
        (lambda: layers.Dropout(0.5, noise_shape=3), ["noise_shape", "3"]),
        (lambda: layers.Dropout(0.5, noise_shape=(0, 1)), ["noise_shape", "(0, 1)"]),
        (
            lambda: layers.Dropout(0.5, noise_shape=(None, 3))(np.ones((3, 4), "float32"), training=True),
            ["noise_shape", "(None, 3)", ", 4)"],
        ),
        (lambda: layers.ActivityRegularization(l1=-1.0), ["l1", "-1.0"]),
    ],
)
def test_errors(make, words):
    with pytest.raises(ValueError) as caught:
        make()
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_spatial_dropout_drops_whole_channels(rank, data_format):
    arguments = {"data_format": data_format} if rank > 1 else {}
    first = bool(arguments) and data_format == "channels_first"
    shape = (20, 10, *(3,) * rank) if first else (20, *(3,) * rank, 10)
    layer = getattr(layers, f"SpatialDropout{rank}D")(0.5, seed=1, **arguments)
    y = layer(np.ones(shape, "float32"), training=True)
    y = np.moveaxis(y, 1, -1) if first else y
    channels = y.reshape(20, -1, 10)
    np.testing.assert_array_equal(channels.min(axis=1), channels.max(axis=1))
    assert 0.3 < (channels[:, 0] != 0).mean() < 0.7
    twin = type(layer).from_config(layer.get_config())
    assert twin.get_config() == layer.get_config()


NOISES = {
    "GaussianNoise": ({"stddev": 0.5}, 0.0, 0.5),
    "GaussianDropout": ({"rate": 0.2}, 0.0, 2.0 * np.sqrt(0.2 / 0.8)),
}


@pytest.mark.parametrize("name", NOISES)
def test_gaussian_noises(name):
    arguments, mean, deviation = NOISES[name]
    x = np.full((300, 400), 2.0, "float32")
    noise = getattr(layers, name)(**arguments, seed=3)(x, training=True) - x
    # 120,000 draws: within five standard errors
    assert abs(noise.mean() - mean) < 5 * deviation / np.sqrt(120_000)
    assert noise.std() == pytest.approx(deviation, rel=0.02)
    z = np.sort(noise.ravel() / deviation)[::1200]
    expected = np.array([statistics.NormalDist().inv_cdf((i * 1200 + 0.5) / 120_000) for i in range(100)])
    np.testing.assert_allclose(z[1:], expected[1:], atol=0.05)


def test_alpha_dropout_keeps_mean_and_variance():
    x = random_input((500, 400), seed=1)
    y = layers.AlphaDropout(0.3, seed=2)(x, training=True)
    assert abs(y.mean()) < 0.02 and y.std() == pytest.approx(1.0, rel=0.02)
    a = ((1 - 0.3) * (1 + 0.3 * 1.7580993408473766**2)) ** -0.5
    b = a * 1.7580993408473766 * 0.3
    dropped = np.isclose(y, -1.7580993408473766 * a + b, atol=1e-6)
    assert dropped.mean() == pytest.approx(0.3, abs=0.01)
    np.testing.assert_allclose(y[~dropped], x[~dropped] * a + b, atol=1e-6)
    shared = layers.AlphaDropout(0.5, noise_shape=(None, 1), seed=2)(
        np.zeros((50, 6), "float32"), training=True
    )
    np.testing.assert_array_equal(shared, np.broadcast_to(shared[:, :1], shared.shape))


@pytest.mark.parametrize("name", ["GaussianNoise", "GaussianDropout", "AlphaDropout"])
def test_noises_are_the_identity_outside_training_and_repeat_from_a_seed(name):
    x = random_input((5, 6))
    one, two = (getattr(layers, name)(0.4, seed=9) for _ in range(2))
    np.testing.assert_array_equal(one(x), x)
    first, second = one(x, training=True), one(x, training=True)
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(two(x, training=True), first)
    # elements are drawn by their place: a longer batch begins the same
    longer = getattr(layers, name)(0.4, seed=9)(np.concatenate([x, x]), training=True)
    np.testing.assert_array_equal(longer[:5], first)


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: layers.GaussianNoise(2.0), ["stddev", "[0, 1]", "2.0"]),
        (lambda: layers.GaussianDropout(1.0), ["rate", "below 1", "1.0"]),
        (lambda: layers.AlphaDropout(-0.5), ["rate", "[0, 1]", "-0.5"]),
    ],
)
def test_errors_of_noises(make, words):
    with pytest.raises(ValueError) as caught:
        make()
    assert all(word in str(caught.value) for word in words), str(caught.value)
