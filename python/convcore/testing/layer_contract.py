"""The contract that every layer keeps, checked by one call."""

import json
import os
import tempfile
from typing import Any

import numpy as np

from .. import config, saving
from ..core import tree
from ..core.keras_tensor import KerasTensor
from .gradient_check import check_gradients

CHECKS = (
    *(
        "config",
        "shapes",
        "weights",
        "copy",
        "reference",
        "formats",
        "mixed",
        "gradients",
        "files",
        "training",
    ),
)


def run_layer_test(
    layer_class: Any,
    arguments: dict[str, Any] | None = None,
    input_shape: Any = None,
    output_shape: Any = None,
    weights: dict[str, Any] | None = None,
    non_trainable: Any = (),
    reference: Any = None,
    inputs: Any = None,
    tolerance: float = 1e-5,
    call_arguments: dict[str, Any] | None = None,
    checks: Any = CHECKS,
) -> Any:
    """Checks one layer with one set of constructor arguments.

    * config: `from_config(get_config())` and a round trip through JSON give an equal, unbuilt layer.
    * shapes: symbolic calls with and without a batch size, `compute_output_shape` and computed arrays agree.
    * weights: names, order, shapes, which of them are trained, `count_params`.
    * copy: a second layer with the same weights gives the same bits.
    * reference: values equal those of `reference`, in float32 and in float64.
    * formats: a layer with a `data_format` computes the same numbers in the other one.
    * mixed: under mixed_float16 weights stay float32, symbolic and computed dtypes agree, and the values are
      those of float32 up to rounding.
    * gradients: `check_gradients` on inputs and weights.
    * files: a model with the layer, saved as `.keras` and loaded again, gives the same bits.
    * training: one step with SGD leaves finite weights, and changes some if any can be trained.

    Args:
        layer_class: the class.
        arguments: of its constructor.
        input_shape: with the batch size; a list of shapes if the layer takes a list.
        output_shape: likewise; None: whatever the layer says.
        weights: name -> shape of all weights, in store order; None leaves names and shapes unchecked.
        non_trainable: the names among them that are not trained.
        reference: function (x, *weights as float64 arrays) -> expected output; None checks no values.
        inputs: input arrays (default: normal values).
        tolerance: largest difference from `reference`, relative to the largest magnitude.
        call_arguments: further keyword arguments of the call.
        checks: which of the checks to make.

    Returns:
        The built layer.

    Raises:
        AssertionError: says what was expected and received.
    """
    case = _Case(layer_class, arguments or {}, input_shape, inputs, call_arguments or {})
    layer = layer_class(**case.arguments)
    if "config" in checks:
        _check_config(layer)
    outputs = case.call(layer)
    if output_shape is None:
        output_shape = tree.map_structure(lambda y: y.shape, outputs)
    if "shapes" in checks:
        _check_shapes(case, outputs, output_shape)
    if "weights" in checks:
        _check_weights(layer, weights, non_trainable)
    if "copy" in checks:
        _check_copy(case, layer, outputs)
    if "reference" in checks and reference is not None:
        values = [np.asarray(w, np.float64) for w in layer.get_weights()]
        assert_close(outputs, reference(_wide(case.inputs), *values), tolerance)
        _check_float64(case, reference)
    if "formats" in checks:
        _check_formats(case, layer, outputs)
    if "mixed" in checks:
        _check_mixed(case, layer, outputs)
    if "gradients" in checks:
        check_gradients(layer, case.inputs, call_arguments=case.call_arguments)
    if "files" in checks or "training" in checks:
        _check_model(case, checks)
    return layer


class _Case:
    """A class, its arguments and an input."""

    def __init__(self, cls: Any, arguments: Any, input_shape: Any, inputs: Any, call_arguments: Any) -> None:
        self.cls, self.arguments, self.call_arguments = cls, arguments, call_arguments
        if inputs is None:
            if input_shape is None:
                raise ValueError("run_layer_test: expected input_shape or inputs; received neither")
            random = np.random.default_rng(0)
            inputs = tree.map_shapes(
                lambda s: np.asarray(random.standard_normal(s), config.floatx()), input_shape
            )
        self.inputs = inputs
        self.shapes = tree.map_structure(lambda x: tuple(x.shape), inputs)

    def call(self, layer: Any, inputs: Any = None) -> Any:
        return layer(self.inputs if inputs is None else inputs, **self.call_arguments)

    def symbolic(self, layer: Any, free_batch: bool) -> Any:
        def tensor(shape: Any) -> Any:
            return KerasTensor((None, *shape[1:]) if free_batch else shape)

        return self.call(layer, tree.map_shapes(tensor, self.shapes))


def _wide(inputs: Any) -> Any:
    return tree.map_structure(lambda x: np.asarray(x, np.float64), inputs)


def assert_close(actual: Any, expected: Any, tolerance: float = 1e-5) -> None:
    """Equal shapes, NaN at the same places, differences below `tolerance` times the largest magnitude."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape, f"expected shape {expected.shape}, received {actual.shape}"
    np.testing.assert_array_equal(np.isnan(actual), np.isnan(expected))
    scale = max(1.0, float(np.nanmax(np.abs(expected), initial=0.0)))
    error = float(np.nanmax(np.abs(actual.astype("float64") - expected), initial=0.0))
    assert error <= tolerance * scale, f"largest difference {error:.3g}, allowed {tolerance * scale:.3g}"


def _check_config(layer: Any) -> None:
    settings = layer.get_config()
    twin = type(layer).from_config(settings)
    assert twin.get_config() == settings, f"expected config {settings}, received {twin.get_config()}"
    assert twin.name == layer.name and not twin.weights
    text = json.dumps(saving.serialize_keras_object(layer))
    with saving.custom_object_scope({type(layer).__name__: type(layer)}):
        restored = saving.deserialize_keras_object(json.loads(text))
    assert type(restored) is type(layer)
    assert json.dumps(saving.serialize_keras_object(restored)) == text


def _check_shapes(case: _Case, outputs: Any, output_shape: Any) -> None:
    computed = tree.map_structure(lambda y: tuple(y.shape), outputs)
    expected = tree.map_shapes(tuple, output_shape)
    assert computed == expected, f"computed shape {computed}, expected {expected}"
    layer = case.cls(**case.arguments)
    fixed = tree.map_structure(lambda y: tuple(y.shape), case.symbolic(layer, free_batch=False))
    assert fixed == expected, f"symbolic shape {fixed}, expected {expected}"
    free = tree.map_structure(lambda y: tuple(y.shape), case.symbolic(layer, free_batch=True))
    wanted = tree.map_shapes(lambda s: (None, *s[1:]), expected)
    assert free == wanted, f"symbolic shape {free} for an unknown batch size, expected {wanted}"
    told = layer.compute_output_shape(case.shapes)
    assert tree.map_shapes(tuple, told) == expected, f"compute_output_shape {told}, expected {expected}"


def _check_weights(layer: Any, weights: Any, non_trainable: Any) -> None:
    assert layer.built
    found = {w.name: tuple(w.shape) for w in layer.weights}
    if weights is not None:
        assert list(found.items()) == list(weights.items()), f"weights {found}, expected {weights}"
        assert [w.name for w in layer.non_trainable_weights] == list(non_trainable)
    assert layer.count_params() == sum(int(np.prod(w.shape)) for w in layer.weights)


def _check_copy(case: _Case, layer: Any, outputs: Any) -> None:
    twin = type(layer).from_config(layer.get_config())
    twin.build(case.shapes)
    twin.set_weights(layer.get_weights())
    tree.map_structure(np.testing.assert_array_equal, case.call(twin), outputs)


def _check_float64(case: _Case, reference: Any) -> None:
    floatx = config.floatx()
    config.set_floatx("float64")
    try:
        layer = case.cls(**case.arguments)
        outputs = case.call(layer, _wide(case.inputs))
    finally:
        config.set_floatx(floatx)
    assert outputs.dtype == np.float64, f"expected float64, received {outputs.dtype}"
    assert_close(outputs, reference(_wide(case.inputs), *layer.get_weights()), 1e-11)


def _check_formats(case: _Case, layer: Any, outputs: Any) -> None:
    given = getattr(layer, "data_format", None)
    if given is None or "data_format" not in layer.get_config() or tree.is_nested(case.inputs):
        return
    last = given == "channels_last"
    other = layer.get_config() | {"data_format": "channels_first" if last else "channels_last"}
    twin = type(layer).from_config(other)
    x = np.moveaxis(case.inputs, -1, 1) if last else np.moveaxis(case.inputs, 1, -1)
    twin.build(x.shape)
    twin.set_weights(layer.get_weights())
    y = case.call(twin, x)
    if outputs.ndim == case.inputs.ndim:
        y = np.moveaxis(y, 1, -1) if last else np.moveaxis(y, -1, 1)
    assert_close(y, outputs)


def _check_mixed(case: _Case, layer: Any, outputs: Any) -> None:
    twin = type(layer).from_config(layer.get_config() | {"dtype": "mixed_float16"})
    twin.build(case.shapes)
    twin.set_weights(layer.get_weights())
    computed, told = case.call(twin), case.symbolic(twin, free_batch=True)
    for y, symbol, wide in zip(*map(tree.flatten, (computed, told, outputs)), strict=True):
        assert y.dtype.name == symbol.dtype, f"computed dtype {y.dtype}, symbolic {symbol.dtype}"
        expected = "float16" if wide.dtype == np.float32 else wide.dtype.name
        if not twin._sublayers():  # these have policies of their own
            assert symbol.dtype == expected, f"expected dtype {expected}, received {symbol.dtype}"
        assert_close(np.float32(y), np.float32(wide), 1e-2)
    assert all(w.dtype == v.dtype for w, v in zip(twin.weights, layer.weights, strict=True))


def _check_model(case: _Case, checks: Any) -> None:
    from ..layers import Input
    from ..models import Model

    inputs = tree.map_shapes(lambda s: Input(batch_shape=(None, *s[1:])), case.shapes)
    layer = case.cls(**case.arguments)
    model = Model(inputs, case.call(layer, inputs))
    if "files" in checks:
        _check_file(case, model)
    if "training" in checks:
        _check_training(case, model, layer)


def _check_file(case: _Case, model: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")
        model.save(path)
        again = saving.load_model(path, custom_objects={case.cls.__name__: case.cls})
    outputs = model.predict_on_batch(case.inputs)
    tree.map_structure(np.testing.assert_array_equal, again.predict_on_batch(case.inputs), outputs)


def _check_training(case: _Case, model: Any, layer: Any) -> None:
    if not layer.trainable_weights:
        return
    model.compile(optimizer="sgd", loss="mse")
    outputs = model.predict_on_batch(case.inputs)
    targets = tree.map_structure(lambda y: np.asarray(y) + 1.0, outputs)
    before = layer.get_weights()
    loss = model.train_on_batch(case.inputs, targets)
    assert np.isfinite(loss), f"training: expected a finite loss, received {loss}"
    after = layer.get_weights()
    assert all(np.isfinite(w).all() for w in after), "training: expected finite weights"
    trained = [not np.array_equal(a, b) for a, b in zip(before, after, strict=True)]
    assert any(trained), "training: expected weights that change; none did"
