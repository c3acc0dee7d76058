"""The contract that every layer keeps, checked by one call: config, weights, shapes, values, dtypes."""

import json

import numpy as np
from convcore import KerasTensor, config, saving


def random_input(shape, seed=0, dtype="float32"):
    """Normal values that are the same on every call."""
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def assert_close(actual, expected, tolerance=1e-5):
    """Equal shapes, and differences below `tolerance` relative to the largest magnitude."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape, f"shape {actual.shape}, expected {expected.shape}"
    np.testing.assert_array_equal(np.isnan(actual), np.isnan(expected))
    scale = max(1.0, float(np.nanmax(np.abs(expected), initial=0.0)))
    error = float(np.nanmax(np.abs(actual.astype("float64") - expected), initial=0.0))
    assert error <= tolerance * scale, f"largest difference {error:.3g}, allowed {tolerance * scale:.3g}"


def run_layer_test(
    layer_class,
    arguments,
    input_shape,
    output_shape,
    weights=None,
    non_trainable=(),
    reference=None,
    x=None,
    tolerance=1e-5,
    call_arguments=None,
):
    """Checks one layer with one set of constructor arguments; returns the built layer.

    Args:
        input_shape, output_shape: with the batch size.
        weights: name -> shape of all weights, in store order.
        non_trainable: the names among them that are not trained.
        reference: function (x, *weights as float64 arrays) -> expected output; None checks no values.
        x: input array (default: normal values of `input_shape`).
        call_arguments: further keyword arguments of the call.
    """
    weights, call_arguments = weights or {}, call_arguments or {}
    layer = layer_class(**arguments)
    check_config(layer)
    check_symbolic(layer, input_shape, output_shape, call_arguments)
    check_weights(layer, weights, non_trainable)
    x = random_input(input_shape) if x is None else x
    y = layer(x, **call_arguments)
    assert isinstance(y, np.ndarray) and y.dtype == np.float32, (
        f"expected a float32 array, received {type(y)} {y.dtype}"
    )
    assert y.shape == tuple(output_shape), f"eager shape {y.shape}, expected {output_shape}"
    assert tuple(layer.compute_output_shape(tuple(input_shape))) == tuple(output_shape)
    check_copy(layer, x, y, call_arguments)
    if reference is not None:
        values = [np.asarray(w, np.float64) for w in layer.get_weights()]
        assert_close(y, reference(np.asarray(x, np.float64), *values), tolerance)
        check_float64(layer_class, arguments, x, reference, call_arguments)
    return layer


def check_config(layer):
    """The config makes an equal, unbuilt layer, directly and through JSON."""
    config = layer.get_config()
    twin = type(layer).from_config(config)
    assert twin.get_config() == config and twin.name == layer.name
    assert not twin.weights
    text = json.dumps(saving.serialize_keras_object(layer))
    restored = saving.deserialize_keras_object(json.loads(text))
    assert type(restored) is type(layer)
    assert json.dumps(saving.serialize_keras_object(restored)) == text


def check_symbolic(layer, input_shape, output_shape, call_arguments):
    """A symbolic call gives the output shape, with and without a known batch size."""
    fixed = layer(KerasTensor(input_shape), **call_arguments)
    assert tuple(fixed.shape) == tuple(output_shape), f"symbolic shape {fixed.shape}, expected {output_shape}"
    free = layer(KerasTensor((None, *input_shape[1:])), **call_arguments)
    assert tuple(free.shape) == (None, *output_shape[1:]), (
        f"symbolic shape {free.shape}, expected {(None, *output_shape[1:])}"
    )
    assert fixed.dtype == "float32"


def check_weights(layer, weights, non_trainable):
    assert layer.built
    assert {w.name: tuple(w.shape) for w in layer.weights} == dict(weights)
    assert [w.name for w in layer.weights] == list(weights)
    assert [w.name for w in layer.non_trainable_weights] == list(non_trainable)
    assert all(w.path == f"{layer.name}/{w.name}" for w in layer.weights)
    assert layer.count_params() == sum(int(np.prod(shape)) for shape in weights.values())


def check_copy(layer, x, y, call_arguments):
    """A twin with the same weights gives the same bits; its own fresh weights have the same shapes."""
    twin = type(layer).from_config(layer.get_config())
    twin.build(x.shape)
    assert [w.shape for w in twin.get_weights()] == [w.shape for w in layer.get_weights()]
    twin.set_weights(layer.get_weights())
    np.testing.assert_array_equal(twin(x, **call_arguments), y)


def check_float64(layer_class, arguments, x, reference, call_arguments):
    """The same layer in float64 agrees with the reference to rounding."""
    config.set_floatx("float64")
    try:
        layer = layer_class(**arguments)
        x = np.asarray(x, np.float64)
        y = layer(x, **call_arguments)
    finally:
        config.set_floatx("float32")
    assert y.dtype == np.float64
    assert_close(y, reference(x, *layer.get_weights()), 1e-11)
