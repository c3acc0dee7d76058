"""Initializers, regularizers and constraints beside Keras: names, arguments, values, configurations."""

import inspect
import math

import convcore
import numpy as np
import pytest
from oracle import keras

RNG = np.random.default_rng(61)
KERNEL = RNG.normal(size=(3, 3, 2, 4)).astype("float32")
MATRIX = RNG.normal(size=(5, 4)).astype("float32")
FAMILIES = ("initializers", "regularizers", "constraints")
LATER = {"STFT", "STFTInitializer", "stft"}  # of spectrograms


@pytest.mark.parametrize("family", FAMILIES)
def test_every_name_and_argument(family):
    theirs, ours = getattr(keras, family), getattr(convcore, family)
    names = {name for name in dir(theirs) if not name.startswith("_")}
    assert {name for name in names if not hasattr(ours, name)} <= LATER
    for name in names - LATER - {"get", "serialize", "deserialize"}:
        expected, actual = (
            [(p.name, p.default) for p in inspect.signature(getattr(module, name)).parameters.values()]
            for module in (theirs, ours)
        )
        assert actual == expected, name


CASES = [
    ("regularizers", "L1", {"l1": 0.25}, KERNEL),
    ("regularizers", "L2", {"l2": 0.25}, KERNEL),
    ("regularizers", "L1L2", {"l1": 0.5, "l2": 0.25}, KERNEL),
    ("regularizers", "OrthogonalRegularizer", {"factor": 0.5}, MATRIX),
    ("regularizers", "OrthogonalRegularizer", {"factor": 0.5, "mode": "columns"}, MATRIX),
    ("constraints", "MaxNorm", {"max_value": 1.0, "axis": [0, 1, 2]}, KERNEL),
    ("constraints", "MaxNorm", {}, 5 * MATRIX),
    ("constraints", "UnitNorm", {"axis": [0, 1, 2]}, KERNEL),
    ("constraints", "MinMaxNorm", {"min_value": 0.5, "max_value": 1.5, "rate": 0.7}, MATRIX),
    ("constraints", "NonNeg", {}, KERNEL),
]


@pytest.mark.parametrize(("family", "name", "arguments", "x"), CASES, ids=lambda case: str(case)[:20])
def test_values_and_configurations(family, name, arguments, x):
    theirs, ours = (getattr(getattr(library, family), name)(**arguments) for library in (keras, convcore))
    np.testing.assert_allclose(ours(x), theirs(keras.ops.convert_to_tensor(x)), rtol=1e-6, atol=1e-7)
    assert ours.get_config() == theirs.get_config()
    module = getattr(convcore, family)
    again = module.deserialize(getattr(keras, family).serialize(theirs))
    assert type(again) is type(ours) and again.get_config() == ours.get_config()


RANDOM = [name for name in dir(keras.initializers) if name[0].isupper() and name not in LATER]


@pytest.mark.parametrize("name", sorted(set(RANDOM) - {"Initializer", "IdentityInitializer"}))
def test_moments_of_initializers(name):
    """Equal configurations, means and spreads; the draws themselves are convcore's own."""
    shape = (40, 50) if name == "Identity" else (3, 3, 20, 50)
    keras.utils.set_random_seed(1)
    theirs, ours = (getattr(library.initializers, name)() for library in (keras, convcore))
    assert ours.get_config() == theirs.get_config()
    expected, actual = np.asarray(theirs(shape)), ours(shape)
    assert actual.shape == expected.shape and actual.dtype == expected.dtype
    error = 6 * expected.std() / math.sqrt(expected.size)
    assert abs(actual.mean() - expected.mean()) <= error
    assert abs(actual.std() - expected.std()) <= error
    if name not in ("RandomNormal", "Orthogonal", "OrthogonalInitializer"):  # the others have bounds
        assert abs(np.abs(actual).max() - np.abs(expected).max()) <= 0.02 * expected.std() + 1e-6
