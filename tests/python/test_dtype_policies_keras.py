"""Policies beside Keras on JAX: files both ways, outputs, and steps of training with a scaled loss."""

import convcore
import numpy as np
import pytest
from convcore import dtype_policies
from convcore.core import dtypes
from oracle import keras

POLICIES = ("float16", "bfloat16", "mixed_float16", "mixed_bfloat16")


def made(library, policy):
    k = library.layers
    library.config.set_dtype_policy(policy)
    try:
        return library.Sequential(
            [
                library.Input((6, 6, 2)),
                k.Conv2D(4, 3, activation="relu"),
                k.BatchNormalization(),
                k.MaxPooling2D(2),
                k.Flatten(),
                k.LayerNormalization(),
                k.Dense(3, activation="softmax"),
            ]
        )
    finally:
        library.config.set_dtype_policy("float32")


def images(count=16):
    return np.random.default_rng(0).standard_normal((count, 6, 6, 2)).astype("float32")


def predicted(model):
    y = np.asarray(model.predict(images(), verbose=0))
    return y.dtype.name, y.astype("float32")


@pytest.mark.parametrize("policy", POLICIES)
def test_files_both_ways(policy, tmp_path):
    tolerance = {"rtol": 2e-2, "atol": 2e-2 if "bfloat16" in policy else 3e-3}
    theirs = made(keras, policy)
    theirs.save(tmp_path / "theirs.keras")
    ours = convcore.saving.load_model(tmp_path / "theirs.keras")
    (dtype, y), (expected_dtype, expected) = predicted(ours), predicted(theirs)
    assert dtype == expected_dtype
    np.testing.assert_allclose(y, expected, **tolerance)
    for w, v in zip(ours.weights, theirs.weights, strict=True):
        assert w.dtype == v.dtype
        np.testing.assert_array_equal(w.numpy().astype("float32"), np.asarray(v.value).astype("float32"))
    mine = made(convcore, policy)
    mine.save(tmp_path / "ours.keras")
    opened = keras.saving.load_model(tmp_path / "ours.keras")
    assert [layer.dtype_policy.name for layer in opened.layers] == [policy] * len(mine.layers)
    np.testing.assert_allclose(predicted(opened)[1], predicted(mine)[1], **tolerance)


def test_steps_with_a_scaled_loss(tmp_path):
    theirs = made(keras, "mixed_float16")
    theirs.save(tmp_path / "m.keras")
    ours = convcore.saving.load_model(tmp_path / "m.keras")
    for library, model in ((convcore, ours), (keras, theirs)):
        # a scale that keeps gradients finite in float16 on JAX; here they are float32 within a step
        optimizer = library.optimizers.LossScaleOptimizer(
            library.optimizers.SGD(0.05, momentum=0.9), initial_scale=64.0, dynamic_growth_steps=4
        )
        model.compile(optimizer, "sparse_categorical_crossentropy")
    assert type(ours.optimizer).__name__ == type(theirs.optimizer).__name__ == "LossScaleOptimizer"
    x, y = images(), np.arange(16) % 3
    for model in (ours, theirs):
        model.fit(x, y, batch_size=8, epochs=3, shuffle=False, verbose=0)
    for w, v in zip(ours.weights, theirs.weights, strict=True):
        np.testing.assert_allclose(w.numpy(), np.asarray(v.value), rtol=2e-2, atol=5e-3, err_msg=w.path)
    assert len(ours.optimizer.variables) == len(theirs.optimizer.variables)
    assert int(ours.optimizer.step_counter.numpy()) == int(theirs.optimizer.step_counter.value) == 2
    assert float(ours.optimizer.dynamic_scale.numpy()) == float(theirs.optimizer.dynamic_scale.value) == 128


def test_promotion_of_every_pair():
    # Keras on JAX has no 64-bit types and makes 32-bit ones of them
    names = ("bool", "uint8", "int32", "uint32", "float16", "bfloat16", "float32", int, float)
    for a in names:
        for b in names:
            if "uint32" in (a, b) and "int32" in (a, b):
                continue
            expected = keras.backend.result_type(a, b)
            assert dtypes.result_type(a, b) == expected, (a, b, expected)


def test_policies_look_alike():
    for name in POLICIES:
        ours, theirs = dtype_policies.get(name), keras.dtype_policies.get(name)
        assert repr(ours) == repr(theirs)
        assert ours.get_config() == theirs.get_config()
        assert dtype_policies.serialize(ours) == keras.dtype_policies.serialize(theirs)
        assert (ours.compute_dtype, ours.variable_dtype) == (theirs.compute_dtype, theirs.variable_dtype)
