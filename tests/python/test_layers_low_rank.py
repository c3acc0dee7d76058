"""Low-rank adaptation (LoRA) of Dense, EinsumDense, Embedding and convolutions, beside Keras."""

import convcore as cc
import numpy as np
import pytest
from convcore import layers
from oracle import keras

CASES = {
    "Dense": (lambda library: library.Dense(5, activation="relu", kernel_regularizer="l2"), (4, 6)),
    "EinsumDense": (
        lambda library: library.EinsumDense("abc,cde->abde", (None, 2, 3), bias_axes="e"),
        (4, 3, 6),
    ),
    "Embedding": (lambda library: library.Embedding(9, 5), (4, 3)),
    "Conv1D": (lambda library: library.Conv1D(4, 3, padding="same"), (4, 6, 2)),
    "Conv2D": (lambda library: library.Conv2D(4, 3, strides=2, groups=2), (4, 7, 7, 4)),
}


def pair(name):
    """The layer and Keras's, built, adapted and with the same weights; its input; a model of each."""
    make, shape = CASES[name]
    rng = np.random.default_rng(3)
    x = rng.integers(0, 9, shape) if name == "Embedding" else rng.normal(size=shape).astype("float32")
    made = []
    for library in (layers, keras.layers):
        layer = make(library)
        layer.build(shape)
        layer.enable_lora(2, lora_alpha=3.0)
        made.append(layer)
    values = [rng.normal(size=w.shape).astype("float32") for w in made[1].weights]
    for layer in made:
        layer.set_weights(values)
    models = [cc.Sequential([made[0]]), keras.Sequential([made[1]])]
    return x, made, models


@pytest.mark.parametrize("name", CASES)
def test_outputs_training_and_configs_are_those_of_keras(name):
    x, (ours, theirs), models = pair(name)
    assert [w.path.split("/")[-1] for w in ours.weights] == [w.path.split("/")[-1] for w in theirs.weights]
    assert len(ours.trainable_weights) == len(theirs.trainable_weights)
    expected = np.asarray(theirs(x))
    np.testing.assert_allclose(ours(x), expected, rtol=2e-5, atol=2e-5)
    assert ours.get_config()["lora_alpha"] == 3.0 and ours.get_config()["lora_rank"] == 2
    frozen = ours._kernel.numpy() if hasattr(ours, "_kernel") else ours._embeddings.numpy()
    for model in models:
        model.compile("sgd", "mse")
        model.fit(x, 0.5 * expected, batch_size=2, epochs=2, shuffle=False, verbose=0)
    for mine, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, rtol=2e-4, atol=2e-4)
    np.testing.assert_array_equal(ours.get_weights()[0], frozen)


@pytest.mark.parametrize("name", CASES)
def test_files_hold_the_sum(name, tmp_path):
    x, (ours, _), (model, _) = pair(name)
    model(x)
    expected = model.predict(x)
    model.save(tmp_path / "a.keras")
    again = cc.models.load_model(tmp_path / "a.keras")
    assert again.layers[0].lora_enabled and again.layers[0].lora_alpha == 3.0
    np.testing.assert_allclose(again.predict(x), expected, rtol=1e-5, atol=1e-5)
    model.save_weights(tmp_path / "a.weights.h5")
    make, shape = CASES[name]
    for library in (layers, keras.layers):
        plain = (cc if library is layers else keras).Sequential([make(library)])
        plain(x)
        plain.load_weights(tmp_path / "a.weights.h5")
        np.testing.assert_allclose(np.asarray(plain(x)), expected, rtol=2e-5, atol=2e-5)
    ours.set_weights([np.ones_like(w) for w in ours.get_weights()])
    model.load_weights(tmp_path / "a.weights.h5")
    np.testing.assert_allclose(model.predict(x), expected, rtol=1e-5, atol=1e-5)


def test_keras_reads_our_models(tmp_path):
    x, _, (model, _) = pair("Conv2D")
    expected = model(x)
    model.save(tmp_path / "a.keras")
    theirs = keras.saving.load_model(tmp_path / "a.keras")
    assert theirs.layers[0].lora_enabled
    np.testing.assert_allclose(np.asarray(theirs(x)), expected, rtol=2e-5, atol=2e-5)


def test_adaptation_under_a_mixed_policy():
    layer = layers.Dense(3, dtype="mixed_float16", lora_rank=2)
    x = np.ones((2, 4), "float32")
    assert layer(x).dtype == "float16" and layer.kernel.dtype == "float16"
    assert layer.lora_kernel_a.dtype == "float32"
    store = {}
    layer.save_own_variables(store)
    assert store["0"].dtype == "float32"


def test_mistakes():
    layer = layers.Dense(3)
    with pytest.raises(AttributeError, match="build the layer before accessing `kernel`"):
        _ = layer.kernel
    with pytest.raises(ValueError, match="isn't yet built"):
        layer.enable_lora(2)
    layer.build((None, 4))
    with pytest.raises(ValueError, match="`rank`"):
        layer.enable_lora(0)
    layer.enable_lora(2)
    with pytest.raises(ValueError, match="lora is already enabled"):
        layer.enable_lora(2)
    with pytest.raises(ValueError, match="incompatible with kernel constraints"):
        layers.Dense(3, kernel_constraint="max_norm", lora_rank=2).build((None, 4))
    with pytest.raises(ValueError, match="`lora_alpha`"):
        layers.Dense(3, lora_alpha=2.0)
