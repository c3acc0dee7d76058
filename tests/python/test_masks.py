"""Masks: who makes, passes on, uses and drops them, in eager calls, models and training; as in Keras."""

import gc
import warnings

import convcore
import numpy as np
import pytest
from convcore import Model, Sequential, layers, ops
from convcore.core import masks
from oracle import keras
from run_layer_test import assert_close, random_input, run_layer_test

MASK = np.array([[1, 1, 0, 0, 1], [0, 1, 1, 1, 1]], bool)


def with_gaps(features=3, seed=0):
    """Steps that are masked hold zeros."""
    return random_input((2, 5, features), seed) * MASK[..., None]


def test_masking_layer():
    run_layer_test(
        layers.Masking,
        {"mask_value": 2.0},
        (2, 5, 3),
        (2, 5, 3),
        x=np.where(MASK[..., None], random_input((2, 5, 3)), 2.0).astype("float32"),
        reference=lambda x: np.where((x != 2.0).any(-1, keepdims=True), x, 0.0),
    )


def test_arrays_carry_masks_from_layer_to_layer():
    y = layers.Masking()(with_gaps())
    np.testing.assert_array_equal(masks.get_keras_mask(y), MASK)
    z = layers.Dense(4)(layers.ReLU()(y))
    np.testing.assert_array_equal(masks.get_keras_mask(z), MASK)
    mean = layers.GlobalAveragePooling1D()(z)
    assert_close(mean, (z * MASK[..., None]).sum(1) / MASK.sum(1)[:, None])
    assert masks.get_keras_mask(mean) is None
    assert masks.get_keras_mask(z + 1) is None


def test_masks_live_as_long_as_their_arrays():
    before = len(masks._of_arrays)
    y = layers.Masking()(with_gaps())
    assert len(masks._of_arrays) == before + 1
    del y
    gc.collect()
    assert len(masks._of_arrays) == before


def test_a_layer_without_masks_still_takes_its_short_way():
    layer, x = layers.GlobalAveragePooling1D(), with_gaps()
    plain = layer(x)
    masked = layer(layers.Masking()(x))
    assert np.abs(plain - masked).max() > 0.01
    np.testing.assert_array_equal(layer(x), plain)


def test_a_layer_that_drops_masks_warns():
    y = layers.Masking()(with_gaps())
    with pytest.warns(UserWarning, match="conv1d.*does not support masking"):
        z = layers.Conv1D(4, 1, name="conv1d")(y)
    assert masks.get_keras_mask(z) is None


def build(k):
    k.backend.clear_session()
    a, b = k.Input((5, 3), name="a"), k.Input((5, 3), name="b")
    x, y = k.layers.Masking()(a), k.layers.Masking(1.0)(b)
    x = k.layers.Dense(3, activation="tanh")(x)
    pool = k.layers.GlobalAveragePooling1D()
    outputs = [
        pool(x),
        pool(k.layers.Add()([x, y])),
        pool(k.layers.Add()([x, b])),
        pool(k.layers.Concatenate(axis=1)([x, y])),
        pool(k.layers.Concatenate(axis=-1)([x, b])),
        k.layers.Maximum()([x, y]),
        k.layers.Minimum()([y, x]),
        pool(k.layers.Maximum()([x, b])),
        k.layers.BatchNormalization()(y),
        pool(k.layers.Lambda(_double, mask=_first_steps(k))(x)),
    ]
    return k.Model([a, b], outputs)


def _double(x):
    return x * 2.0


def _first_steps(k):
    return lambda inputs, mask: k.ops.logical_and(mask, np.array([True, True, True, False, False]))


@pytest.mark.parametrize("training", [False, True])
def test_models_agree_with_keras(training):
    theirs, ours = build(keras), build(convcore)
    ours.set_weights([np.asarray(w) for w in theirs.get_weights()])
    a, b = with_gaps(seed=1), with_gaps(seed=2)
    b[~MASK] = 1.0
    b[0, 0] = 1.0
    expected = theirs([a, b], training=training)
    for received, value in zip(ours([a, b], training=training), expected, strict=True):
        assert_close(received, np.asarray(value))


def test_nested_models_see_masks():
    inner = Sequential([layers.Input((5, 3)), layers.ReLU(), layers.GlobalAveragePooling1D()])
    outer = Sequential([layers.Input((5, 3)), layers.Masking(), inner])
    x = np.abs(with_gaps())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_close(outer(x), x.sum(1) / MASK.sum(1)[:, None])
    assert_close(inner(x, mask=MASK), x.sum(1) / MASK.sum(1)[:, None])


def test_the_loss_leaves_masked_steps_out():
    def model(k):
        return k.Sequential([k.Input((5, 3)), k.layers.Masking(), k.layers.Dense(2)])

    theirs, ours = model(keras), model(convcore)
    ours.set_weights([np.asarray(w) for w in theirs.get_weights()])
    x, y = with_gaps(), random_input((2, 5, 2), 3)
    results = []
    for m in (theirs, ours):
        m.compile(optimizer="sgd", loss="mse")
        results.append([m.train_on_batch(x, y), m.evaluate(x, y, verbose=0)])
    np.testing.assert_allclose(results[0], results[1], rtol=1e-5)


def test_own_layers_may_compute_masks():
    class Last(layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.supports_masking = True

        def call(self, inputs, mask=None):
            return inputs if mask is None else inputs * ops.cast(ops.expand_dims(mask, -1), "float32")

        def compute_mask(self, inputs, mask=None):
            return None if mask is None else ops.logical_not(mask)

    inputs = layers.Input((5, 3))
    model = Model(inputs, layers.GlobalAveragePooling1D()(Last()(layers.Masking()(inputs))))
    assert_close(model(with_gaps()), np.zeros((2, 3)))


def test_the_same_layers_support_masks_as_in_keras():
    special = {"units": 3, "filters": 3, "kernel_size": 1, "pool_size": 1, "rate": 0.1, "activation": "relu"}
    special |= {
        "axes": 1,
        "n": 1,
        "dims": (1,),
        "target_shape": (1,),
        "output_size": 1,
        "scale": 1.0,
        "stddev": 0.1,
    }
    special |= {"function": _double, "height": 2, "width": 2, "factor": 0.1, "height_factor": 0.1}
    special |= {"width_factor": 0.1}
    compared = 0
    for name in layers.__all__:
        ours, theirs = getattr(layers, name), getattr(keras.layers, name, None)
        if not isinstance(ours, type) or theirs is None or name in ("Layer", "InputLayer", "InputSpec"):
            continue
        required = _required(ours)
        if not set(required) <= set(special):
            continue
        arguments = {key: special[key] for key in required}
        if name == "RandomPosterization":
            arguments["factor"] = 4  # bits
        assert ours(**arguments).supports_masking == theirs(**arguments).supports_masking, name
        compared += 1
    assert compared > 60


def _required(cls):
    import inspect

    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
    return [p.name for p in parameters if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]


def test_a_mask_of_unknown_sizes_tells_no_sizes():
    x = convcore.Input((None,), dtype="int32")
    y = layers.TimeDistributed(layers.Dense(2))(layers.Embedding(5, 3, mask_zero=True)(x))
    assert masks.get_keras_mask(y).shape == (None, None)
    assert layers.GlobalAveragePooling1D()(y).shape == (None, 2)
