"""Perspective and elastic distortion, RandAugment and AugMix, and the draws they need."""

import convcore
import numpy as np
import pytest
from convcore import layers, ops
from keras_on_numpy import ask
from ops_distorting_cases import CASES, END, IMAGES, START

KERAS = ask("ops_distorting_cases")
X = (np.random.default_rng(3).random((6, 16, 12, 3)) * 255).astype("float32")
MASKS = np.random.default_rng(4).integers(0, 3, (6, 16, 12, 1)).astype("float32")
LAYERS = {
    "perspective": layers.RandomPerspective,
    "elastic": layers.RandomElasticTransform,
    "rand_augment": layers.RandAugment,
    "aug_mix": layers.AugMix,
}


@pytest.mark.parametrize("name", CASES)
def test_functions_of_images(name):
    np.testing.assert_allclose(CASES[name](ops.image), KERAS[name], rtol=1e-5, atol=5e-6)


@pytest.mark.parametrize("kind", LAYERS.values())
def test_a_layer_varies_images_in_training_and_repeats_itself_from_a_seed(kind):
    layer = kind(seed=5)
    first, second = layer(X), layer(X)
    assert first.shape == X.shape and np.isfinite(first).all()
    assert (first != second).any() and (first != X).any()
    assert first.min() >= 0 and first.max() <= 255
    np.testing.assert_array_equal(layer(X, training=False), X)
    np.testing.assert_array_equal(kind(seed=5)(X), first)
    turned = kind(seed=5, data_format="channels_first")(X.transpose(0, 3, 1, 2))
    np.testing.assert_allclose(turned.transpose(0, 2, 3, 1), first, rtol=1e-5, atol=1e-3)
    assert layer(X[0]).shape == X[0].shape
    again = kind.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()


@pytest.mark.parametrize("kind", LAYERS.values())
def test_a_layer_in_a_model(kind):
    model = convcore.Sequential(
        [convcore.Input((16, 12, 3)), kind(seed=1), layers.GlobalAveragePooling2D(), layers.Dense(1)]
    )
    model.compile("sgd", "mse")
    assert np.isfinite(model.fit(X / 255, np.zeros((6, 1)), batch_size=4, verbose=0).history["loss"][0])
    np.testing.assert_allclose(model.predict(X, verbose=0), model.layers[2](X.mean((1, 2))), rtol=1e-4)


def test_masks_move_with_their_images():
    for kind in (layers.RandomPerspective, layers.RandomElasticTransform, layers.RandAugment):
        moved = kind(seed=2)({"images": X, "segmentation_masks": MASKS})["segmentation_masks"]
        assert set(np.unique(moved)) <= {0.0, 1.0, 2.0}
        # elastic moves of so small images are below a pixel
        assert kind is layers.RandomElasticTransform or (moved != MASKS).any()
    # the same map for both, with the nearest pixel
    layer = layers.RandomPerspective(seed=2, interpolation="nearest")
    both = layer({"images": X, "segmentation_masks": X})
    np.testing.assert_array_equal(both["images"], both["segmentation_masks"])


def test_no_strength_changes_nothing():
    np.testing.assert_array_equal(layers.RandomPerspective(factor=0.0, seed=1)(X), X)
    np.testing.assert_allclose(layers.RandomPerspective(scale=0.0, seed=1)(X), X, atol=1e-3)
    np.testing.assert_array_equal(layers.RandomElasticTransform(scale=0.0)(X), X)
    np.testing.assert_array_equal(layers.RandAugment(num_ops=0)(X), X)
    np.testing.assert_allclose(ops.image.elastic_transform(IMAGES, alpha=0.0), IMAGES, atol=1e-6)


def test_every_layer_of_rand_augment_is_chosen():
    layer = layers.RandAugment(num_ops=1, seed=0)
    drawn = layer.get_random_transformation(np.zeros((2000, 4, 4, 3), "float32"))["layer_idxes"][0]
    counts = np.bincount(np.asarray(drawn).astype(int), minlength=11)
    assert len(counts) == 11 and counts.min() > 120
    assert layers.AugMix(all_ops=False)._names[-1] == "equalization"


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: layers.RandomPerspective(scale=2.0), "scale=2.0"),
        (lambda: layers.RandAugment(factor=1.5), "factor=1.5"),
        (lambda: ops.image.perspective_transform(IMAGES, START[:, :2], END[:, :2]), "start_points shape"),
        (lambda: ops.image.perspective_transform(IMAGES, START, END[0]), "same shape"),
        (lambda: ops.image.ssim(IMAGES, IMAGES[:1]), "one shape"),
        (lambda: ops.image.ssim(IMAGES[:, :5], IMAGES[:, :5]), "at least 11 x 11"),
        (lambda: convcore.random.randint((2,), 0, 3, dtype="float32"), "integer `dtype`"),
    ],
)
def test_errors(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_draws():
    random, n = convcore.random, 20000
    numbers = random.randint((n,), -2, 3, seed=1)
    assert numbers.dtype == np.int32 and sorted(set(numbers)) == [-2, -1, 0, 1, 2]
    assert abs(numbers.mean()) < 0.05
    normal = random.truncated_normal((n,), 1.0, 2.0, seed=1)
    # the deviation of a normal number within two deviations is 0.8796
    assert abs(normal - 1).max() <= 4 and abs(normal.std() / 2 - 0.8796) < 0.01
    assert abs(random.categorical(np.log([[0.2, 0.8]]), n, seed=1).mean() - 0.8) < 0.02
    assert abs(random.gamma((n,), 2.5, seed=1).mean() - 2.5) < 0.05
    assert abs(random.beta((n,), 2.0, 3.0, seed=1).mean() - 0.4) < 0.01
    binomial = random.binomial((n,), np.float32(10), 0.3, seed=1)
    assert abs(binomial.mean() - 3) < 0.05 and abs(binomial.var() - 2.1) < 0.1
    shuffled = random.shuffle(np.arange(12).reshape(2, 6), axis=1, seed=3)
    np.testing.assert_array_equal(np.sort(shuffled, axis=1), np.arange(12).reshape(2, 6))
    assert (shuffled != np.arange(12).reshape(2, 6)).any()
