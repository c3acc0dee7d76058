"""Embedding and SpectralNormalization beside Keras: values, masks, weights, training, files."""

import convcore
import numpy as np
import pytest
from convcore import layers
from oracle import keras

RNG = np.random.default_rng(8)
WORDS = RNG.integers(0, 6, (5, 4))
TABLE = RNG.normal(size=(6, 3)).astype("float32")


def test_embedding_values_mask_and_configuration():
    arguments = {"mask_zero": True, "weights": TABLE, "name": "e"}
    theirs, ours = (library.layers.Embedding(6, 3, **arguments) for library in (keras, convcore))
    np.testing.assert_array_equal(ours(WORDS), TABLE[WORDS])
    np.testing.assert_array_equal(ours(WORDS.astype("float32")), TABLE[WORDS])
    np.testing.assert_array_equal(ours.compute_mask(WORDS), WORDS != 0)
    assert ours.compute_output_shape((None, 4)) == theirs.compute_output_shape((None, 4))
    config, expected = ours.get_config(), theirs.get_config()
    assert {**config, "dtype": 0} == {**expected, "dtype": 0}
    assert layers.Embedding.from_config(config).get_config() == config
    assert [(w.name, w.shape) for w in ours.weights] == [("embeddings", (6, 3))]
    with pytest.raises(ValueError, match="input_dim"):
        layers.Embedding(0, 3)
    with pytest.raises(ValueError, match="lora_rank"):
        layers.Embedding(4, 3, lora_rank=0)


def test_embedding_trains_as_in_keras():
    found = []
    for library in (keras, convcore):
        make = library.layers
        model = library.Sequential(
            [
                make.Input((4,), dtype="int32"),
                make.Embedding(6, 3, mask_zero=True),
                make.GlobalAveragePooling1D(),
                make.Dense(2),
            ]
        )
        model.set_weights([TABLE, np.ones((3, 2), "float32"), np.zeros(2, "float32")])
        model.compile(library.optimizers.SGD(0.1), "mse")
        model.fit(WORDS, np.ones((5, 2)), epochs=3, batch_size=2, shuffle=False, verbose=0)
        found.append(model.get_weights())
    for expected, value in zip(*found, strict=True):
        np.testing.assert_allclose(value, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", ["Conv2D", "Dense"])
def test_spectral_normalization(kind):
    x = RNG.normal(size=(2, 5, 5, 3)).astype("float32")
    made = []
    for library in (keras, convcore):
        inner = library.layers.Conv2D(4, 3) if kind == "Conv2D" else library.layers.Dense(4)
        layer = library.layers.SpectralNormalization(inner, power_iterations=3)
        layer.build(x.shape)
        made.append(layer)
    theirs, ours = made
    assert [w.shape for w in ours.weights] == [tuple(w.shape) for w in theirs.weights]
    ours.set_weights(theirs.get_weights())
    for training in (False, True, True, False):
        expected = np.asarray(theirs(x, training=training))
        np.testing.assert_allclose(ours(x, training=training), expected, rtol=1e-5, atol=1e-5)
    for value, expected in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(value, expected, rtol=1e-5, atol=1e-5)


def test_spectral_normalization_in_a_model(tmp_path):
    layer = layers.SpectralNormalization(layers.Dense(4), 5)
    model = convcore.Sequential([layers.Input((6,)), layer, layers.Dense(1)])
    model.compile(convcore.optimizers.SGD(1e-3), "mse")
    x = RNG.normal(size=(16, 6)).astype("float32")
    model.fit(x, x[:, :1], epochs=8, verbose=0)
    # the kernel is divided before each of the small updates
    assert np.linalg.svd(layer.layer.kernel.numpy())[1][0] == pytest.approx(1.0, abs=0.05)
    model.save(tmp_path / "m.keras")
    again = convcore.models.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
    with pytest.raises(ValueError, match="kernel"):
        layers.SpectralNormalization(layers.ReLU()).build((None, 3))
    with pytest.raises(ValueError, match="power_iterations"):
        layers.SpectralNormalization(layers.Dense(1), 0)
