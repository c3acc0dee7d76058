"""Initializers, regularizers and constraints beside Keras: names, arguments, values, configurations."""

import math

import convcore
import numpy as np
import pytest
from family_cases import CASES, FAMILIES, MATRIX, moments, shape_for, signatures
from keras_on_numpy import ask

KERAS = ask("family_cases")


@pytest.mark.parametrize("family", FAMILIES)
def test_every_name_and_argument(family):
    ours = signatures(getattr(convcore, family))
    for name, arguments in KERAS["signatures"][family].items():
        assert ours.get(name) == arguments, name


@pytest.mark.parametrize(("case", "expected"), list(zip(CASES, KERAS["cases"], strict=True)))
def test_values_and_configurations(case, expected):
    family, name, arguments, x = case
    value, config, serialized = expected
    module = getattr(convcore, family)
    made = getattr(module, name)(**arguments)
    np.testing.assert_allclose(made(x), value, rtol=1e-6, atol=1e-7)
    assert made.get_config() == config
    again = module.deserialize(serialized)
    assert type(again) is type(made) and again.get_config() == config


def test_columns_are_the_rows_of_the_transpose():
    """Which Keras does not compute for NumPy arrays."""
    by_columns, by_rows = (
        convcore.regularizers.OrthogonalRegularizer(0.5, mode) for mode in ("columns", "rows")
    )
    np.testing.assert_allclose(by_columns(MATRIX), by_rows(MATRIX.T.copy()), rtol=1e-6)


@pytest.mark.parametrize("name", sorted(KERAS["initializers"]))
def test_moments_of_initializers(name):
    """Equal configurations, means and spreads; the draws themselves are convcore's own."""
    config, (mean, spread, largest) = KERAS["initializers"][name]
    convcore.utils.set_random_seed(1)
    made = getattr(convcore.initializers, name)()
    assert made.get_config() == config
    draws = made(shape_for(name))
    assert draws.dtype == np.float32
    actual = moments(draws)
    error = 6 * spread / math.sqrt(draws.size)
    np.testing.assert_allclose(actual[:2], (mean, spread), atol=error)
    if name not in ("RandomNormal", "Orthogonal", "OrthogonalInitializer"):  # the others have bounds
        assert abs(actual[2] - largest) <= 0.02 * spread + 1e-6
