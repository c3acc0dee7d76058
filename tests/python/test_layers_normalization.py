"""BatchNormalization: both modes, moving statistics, freezing, axes, masks, weights."""

import numpy as np
import pytest
from convcore import layers
from convcore.testing import reference
from run_layer_test import assert_close, random_input, run_layer_test

WEIGHTS = ("gamma", "beta", "moving_mean", "moving_variance")
# so that no factor is 0 or 1
RANDOM = {
    "gamma_initializer": "random_normal",
    "beta_initializer": "random_normal",
    "moving_mean_initializer": "random_normal",
    "moving_variance_initializer": {"class_name": "RandomUniform", "config": {"minval": 0.5, "maxval": 2.0}},
}


@pytest.mark.parametrize("axis", [-1, 1])
@pytest.mark.parametrize("shape", [(4, 3), (4, 5, 3), (4, 3, 5, 3), (2, 3, 4, 5, 3)])
def test_inference(shape, axis):
    channels = shape[axis]
    run_layer_test(
        layers.BatchNormalization,
        {"axis": axis, **RANDOM},
        shape,
        shape,
        dict.fromkeys(WEIGHTS, (channels,)),
        non_trainable=WEIGHTS[2:],
        reference=lambda x, *w: reference.batch_norm(x, *w, axis=axis),
    )


@pytest.mark.parametrize("axis", [-1, 1])
@pytest.mark.parametrize("shape", [(6, 3), (4, 3, 5, 3)])
def test_training(shape, axis):
    layer = layers.BatchNormalization(axis, momentum=0.9, epsilon=1e-2, **RANDOM)
    x = random_input(shape) * 2 + 1
    layer.build(shape)
    gamma, beta, moving_mean, moving_variance = (np.asarray(w, "float64") for w in layer.get_weights())
    y = layer(x, training=True)
    mean, variance = reference.moments(x, axis)
    assert_close(y, reference.batch_norm(x, gamma, beta, mean, variance, 1e-2, axis))
    assert_close(layer.get_weights()[2], 0.9 * moving_mean + 0.1 * mean)
    # the moving variance takes the biased batch variance
    assert_close(layer.get_weights()[3], 0.9 * moving_variance + 0.1 * variance)
    layer(x, training=True)
    assert_close(layer.get_weights()[2], 0.81 * moving_mean + 0.19 * mean)


def test_plain_calls_do_not_touch_the_statistics():
    layer = layers.BatchNormalization()
    x = random_input((4, 3)) + 5
    layer(x)
    np.testing.assert_array_equal(layer.get_weights()[2], np.zeros(3))


@pytest.mark.parametrize("first", ["frozen at once", "after training"])
def test_frozen_means_inference(first):
    layer = layers.BatchNormalization(**RANDOM)
    x = random_input((8, 3)) + 5
    layer.build(x.shape)
    if first == "after training":
        layer(x, training=True)
    layer.trainable = False
    before = layer.get_weights()
    y = layer(x, training=True)
    assert_close(y, reference.batch_norm(x, *before))
    for old, new in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    layer.trainable = True
    layer(x, training=True)
    assert not np.array_equal(before[2], layer.get_weights()[2])


@pytest.mark.parametrize("center, scale", [(True, False), (False, True), (False, False)])
def test_without_gamma_or_beta(center, scale):
    names = [n for n in WEIGHTS if (center or n != "beta") and (scale or n != "gamma")]

    def expected(x, *w):
        values = {"gamma": np.ones(3), "beta": np.zeros(3), **dict(zip(names, w, strict=True))}
        return reference.batch_norm(x, *(values[n] for n in WEIGHTS))

    arguments = {"center": center, "scale": scale, **RANDOM}
    layer = run_layer_test(
        layers.BatchNormalization,
        arguments,
        (5, 4, 3),
        (5, 4, 3),
        dict.fromkeys(names, (3,)),
        WEIGHTS[2:],
        expected,
    )
    x = random_input((5, 4, 3))
    values = {"gamma": np.ones(3), "beta": np.zeros(3), **dict(zip(names, layer.get_weights(), strict=True))}
    mean, variance = reference.moments(x)
    assert_close(
        layer(x, training=True), reference.batch_norm(x, values["gamma"], values["beta"], mean, variance)
    )


def test_mask():
    x = random_input((3, 4, 2))
    mask = np.array([[1, 1, 0, 0], [1, 0, 0, 0], [1, 1, 1, 1]], bool)
    layer = layers.BatchNormalization(momentum=0.5)
    y = layer(x, training=True, mask=mask)
    mean, variance = reference.moments(x, mask=mask)
    assert_close(y, reference.batch_norm(x, np.ones(2), np.zeros(2), mean, variance))
    assert_close(layer.get_weights()[2], 0.5 * mean)
    with pytest.raises(ValueError, match="mask"):
        layer(x, training=True, mask=np.ones((3,), bool))


def test_axis_does_not_follow_the_data_format():
    from convcore import config

    config.set_image_data_format("channels_first")
    try:
        assert layers.BatchNormalization().axis == -1
    finally:
        config.set_image_data_format("channels_last")


def test_a_list_of_one_axis_is_accepted():
    assert layers.BatchNormalization(axis=[3]).axis == 3


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: layers.BatchNormalization(axis="x"), ["axis", "x"]),
        (lambda: layers.BatchNormalization(axis=[1, 2]), ["axis", "[1, 2]"]),
        (lambda: layers.BatchNormalization(axis=5)(random_input((2, 3))), ["axis", "5", ", 3)"]),
        (
            lambda: layers.BatchNormalization(renorm=True, renorm_clipping={"max": 1}),
            ["renorm_clipping", "max"],
        ),
        (lambda: layers.BatchNormalization(renorm=True, renorm_clipping={"rmax": 1, "rmin": 2}), ["rmin=2"]),
        (lambda: layers.BatchNormalization(renorm=True, renorm_clipping={"dmax": -1}), ["dmax=-1"]),
    ],
)
def test_errors(make, words):
    with pytest.raises(ValueError) as caught:
        make()
    assert all(word in str(caught.value) for word in words), str(caught.value)
