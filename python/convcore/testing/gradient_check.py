"""Gradients against central differences in float64, along random directions."""

from typing import Any

import numpy as np

from .. import config, ops
from ..core import tree
from ..core.arrays import is_array_like
from ..core.trace import Trace
from ..core.variable import Variable

_STEP = 1e-6


def check_gradients(
    layer: Any,
    inputs: Any,
    directions: int = 2,
    tolerance: float = 1e-6,
    seed: int = 0,
    call_arguments: dict[str, Any] | None = None,
) -> None:
    """Compares the gradients of a layer or model with differences, for the inputs and every trained weight.

    A copy of the layer computes in float64. Its outputs, times fixed random numbers, are summed to one loss
    f; for each tensor t that it depends on and random directions v, (f(t + h v) - f(t - h v)) / 2h must
    equal the inner product of v and the gradient.

    Args:
        layer: a layer or model with get_config(); built or not.
        inputs: float arrays, in the structure that a call of `layer` takes as its first argument. Keep them
            away from kinks, such as 0 for relu.
        directions: how many directions for each tensor.
        tolerance: largest difference, relative to the larger of 1 and the two numbers.
        seed: of the directions.
        call_arguments: further keyword arguments of the call.

    Raises:
        AssertionError: names the tensor and both numbers.
    """
    twin, inputs = _in_float64(layer, inputs)
    variables = [Variable(x, dtype="float64", name=f"input {i}") for i, x in enumerate(tree.flatten(inputs))]
    run = _Loss(twin, inputs, variables, np.random.default_rng(seed), call_arguments or {})
    gradients = run.gradients()
    for variable, gradient in zip(run.wrt, gradients, strict=True):
        for _ in range(directions):
            _compare(run, variable, gradient, tolerance)


def _in_float64(layer: Any, inputs: Any) -> Any:
    floatx = config.floatx()
    config.set_floatx("float64")
    try:
        twin = type(layer).from_config(_all_float64(layer.get_config()))
        inputs = tree.map_structure(lambda x: np.asarray(x, np.float64), inputs)
        twin(inputs)
        if layer.built:
            twin.set_weights(layer.get_weights())
    finally:
        config.set_floatx(floatx)
    return twin, inputs


def _all_float64(settings: Any) -> Any:
    """A config whose layers, at any depth, compute in float64."""
    if isinstance(settings, list):
        return [_all_float64(item) for item in settings]
    if not isinstance(settings, dict):
        return settings
    changed = {key: _all_float64(value) for key, value in settings.items()}
    if "float32" in (settings.get("dtype"), _policy_name(settings.get("dtype"))):
        changed["dtype"] = "float64"
    return changed


def _policy_name(dtype: Any) -> Any:
    return dtype.get("config", {}).get("name") if isinstance(dtype, dict) else None


class _Loss:
    """The sum of a layer's outputs times fixed numbers, as a function of its inputs and weights."""

    def __init__(self, layer: Any, inputs: Any, variables: Any, random: Any, call_arguments: Any) -> None:
        self.layer, self.inputs, self.variables, self.random = layer, inputs, variables, random
        self.call_arguments = call_arguments
        self.wrt = [*variables, *layer.trainable_variables]
        self.factors: list[Any] = []
        with Trace() as trace:
            value = self._record(trace)
            gradients = trace.gradients(value, self.wrt)
            made = [trace.convert(np.zeros(()), "float64") if g is None else g for g in gradients]
            self._function = trace.finish([value, *made])

    def _record(self, trace: Any) -> Any:
        outputs = self.layer(
            tree.pack_as(self.inputs, [trace.read(variable) for variable in self.variables]),
            **self.call_arguments,
        )
        total: Any = 0.0
        for output in tree.flatten(outputs):
            if is_array_like(output):
                factors = self.random.standard_normal(output.shape)
                total = total + ops.sum(output * trace.constant(factors))
        return total

    def value(self) -> float:
        return float(self._function([])[0])

    def gradients(self) -> Any:
        return [np.array(g) for g in self._function([])[1:]]


def _compare(run: _Loss, variable: Any, gradient: Any, tolerance: float) -> None:
    start = variable.numpy().copy()
    direction = run.random.standard_normal(start.shape)
    values = []
    for sign in (1, -1):
        variable.assign(start + sign * _STEP * direction)
        values.append(run.value())
    variable.assign(start)
    difference = (values[0] - values[1]) / (2 * _STEP)
    given = float(np.sum(gradient * direction))
    if not abs(difference - given) <= tolerance * max(1.0, abs(difference), abs(given)):
        raise AssertionError(
            f"check_gradients: {run.layer.name}: gradient for {variable.name!r}: expected {difference:.9g} "
            f"(central difference), received {given:.9g}"
        )
