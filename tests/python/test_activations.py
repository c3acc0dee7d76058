"""Activation functions against NumPy, their gradients at the kinks, identifiers."""

import os
import re

import numpy as np
import pytest
from convcore import activations, ops
from convcore.core.trace import Trace
from convcore.testing import reference
from run_layer_test import assert_close, random_input

POINTS = np.array([-30.0, -3.5, -3.0, -1.0, -0.5, -0.1, 0.0, 0.1, 0.5, 1.0, 2.0, 3.0, 6.0, 6.5, 30.0, 4.0])


@pytest.mark.parametrize("dtype, tolerance", [("float32", 2e-6), ("float64", 1e-12)])
@pytest.mark.parametrize("name", sorted(reference.ACTIVATIONS))
def test_values(name, dtype, tolerance):
    x = np.concatenate([POINTS, random_input(48, dtype="float64") * 3]).reshape(4, 16)
    if name == "exponential":
        x = np.minimum(x, 4.0)
    y = activations.get(name)(x.astype(dtype))
    assert y.dtype == np.dtype(dtype) or dtype == "float64"
    expected = reference.ACTIVATIONS[name](x.astype(dtype).astype("float64"))
    assert_close(y, expected, tolerance if y.dtype == np.float64 else 2e-6)


def _gradient(function, points):
    """d sum(f(x)) / dx at the points, in float64."""
    with Trace() as trace:
        x = trace.input("float64", (len(points),), "x")
        (dx,) = trace.graph.gradients(ops.sum(function(x)), [x])
        run = trace.finish(dx)
    return run([np.asarray(points, "float64")])


ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
with open(os.path.join(ROOT, "docs", "activations.md"), encoding="utf-8") as _file:
    PAGE = _file.read()


def _kinks():
    """name -> {x: derivative}, as documented."""
    rows = re.findall(r"^\| `(\w+)` \|.*\| (\S.*) \|$", PAGE, re.MULTILINE)
    pairs = {name: re.findall(r"(-?[\d.]+): (-?[\d.]+)", text) for name, text in rows}
    return {name: {float(x): float(slope) for x, slope in found} for name, found in pairs.items() if found}


KINKS = _kinks()


@pytest.mark.parametrize("name", sorted(KINKS))
def test_gradients_at_kinks(name):
    points, slopes = list(KINKS[name]), list(KINKS[name].values())
    np.testing.assert_allclose(_gradient(activations.get(name), points), slopes, atol=1e-12)


def test_relu_with_a_cap_has_gradient_zero_at_the_cap():
    gradient = _gradient(lambda x: activations.relu(x, 0.1, 2.0, 0.5), [-1.0, 0.4, 1.0, 2.0, 3.0])
    np.testing.assert_allclose(gradient, [0.1, 0.1, 1.0, 0.0, 0.0], atol=1e-12)


ELEMENTWISE = sorted(set(reference.ACTIVATIONS) - {"softmax", "log_softmax", "glu", "sparsemax"})


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_gradients_by_finite_differences(name):
    points, h = np.array([-4.2, -2.7, -0.8, -0.3, 0.2, 0.7, 1.3, 2.6, 6.4]), 1e-6
    f = reference.ACTIVATIONS[name]
    slopes = (f(points + h) - f(points - h)) / (2 * h)
    np.testing.assert_allclose(_gradient(activations.get(name), points), slopes, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(
    "name",
    ["elu", "selu", "celu", "mish", "gelu", "sigmoid", "softplus", "log_sigmoid", "silu", "squareplus"],
)
def test_extreme_inputs_give_finite_values_and_gradients(name):
    points = np.array([-800.0, -90.0, 90.0, 800.0])
    assert np.isfinite(activations.get(name)(points.astype("float32"))).all()
    assert np.isfinite(_gradient(activations.get(name), points)).all()


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"negative_slope": 0.1},
        {"max_value": 2.0},
        {"threshold": 0.5},
        {"negative_slope": 0.2, "max_value": 2.0, "threshold": 0.5},
    ],
)
def test_relu_arguments(arguments):
    x = np.concatenate([POINTS, random_input(16)])
    assert_close(
        activations.relu(x.astype("float32"), **arguments), reference.relu(x.astype("float32"), **arguments)
    )


def test_other_arguments():
    x = random_input((3, 6))
    assert_close(activations.softmax(x, axis=0), reference.softmax(x.astype("float64"), 0))
    assert_close(activations.log_softmax(x, axis=0), reference.log_softmax(x.astype("float64"), 0))
    assert_close(activations.sparsemax(x, axis=0), reference.sparsemax(x.astype("float64"), 0))
    assert_close(activations.glu(x[:2], axis=0), reference.glu(x[:2].astype("float64"), 0))
    assert_close(activations.threshold(x, 0.3, -2.0), np.where(x > 0.3, x, -2.0))
    tanh_form = 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x.astype("float64") ** 3)))
    assert_close(activations.gelu(x, approximate=True), tanh_form)
    assert_close(activations.squareplus(x, b=1), (x + np.sqrt(x.astype("float64") ** 2 + 1)) / 2)


def test_sparsemax_is_the_projection():
    np.testing.assert_allclose(
        activations.sparsemax(np.array([[1.0, 1.0, 1.0]], "float32")), [[1 / 3] * 3], rtol=1e-6
    )
    np.testing.assert_allclose(
        activations.sparsemax(np.array([[0.1, 1.1, 0.2]], "float32")), [[0, 0.95, 0.05]], atol=1e-6
    )


def test_glu_needs_an_even_size():
    with pytest.raises(ValueError, match=r"even.*\(2, 3\)"):
        activations.glu(np.zeros((2, 3), "float32"))


def test_get_serialize_deserialize():
    assert activations.get(None) is activations.linear
    assert (
        activations.get("swish") is activations.silu
        and activations.get("hard_swish") is activations.hard_silu
    )
    assert activations.get(np.tanh) is np.tanh
    for name in reference.ACTIVATIONS:
        function = activations.get(name)
        assert activations.serialize(function) == name and activations.deserialize(name) is function
    with pytest.raises(ValueError, match="activation.*nope"):
        activations.get("nope")
    with pytest.raises(ValueError, match="activation"):
        activations.get(3)
