"""Calls without side effects: state comes in as arguments and goes out as results."""

import numpy as np

from .scope import current_trace
from .variable import value_of


def run_with(variables, values, fn, where):
    """Runs ``fn()`` with ``values`` in the variables, which have their own values again afterwards.

    Returns:
        The result of ``fn`` and the values that the variables had at its end.

    Raises:
        ValueError: ``where``, if there are not as many values as variables.
    """
    variables, values = list(variables), list(values)
    if len(variables) != len(values):
        raise ValueError(f"{where}: expected {len(variables)} values of variables; received {len(values)}")
    before = [value_of(variable) for variable in variables]
    values = [value_of(value) if hasattr(value, "assign") else value for value in values]
    try:
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
        result = fn()
        if current_trace() is None and isinstance(result, np.ndarray):
            result = result.copy()
        return result, [value_of(variable) for variable in variables]
    finally:
        for variable, value in zip(variables, before, strict=True):
            variable.assign(value)
