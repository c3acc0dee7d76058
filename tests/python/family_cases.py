"""Initializers, regularizers and constraints, and what Keras makes of them."""

import inspect

import numpy as np

RNG = np.random.default_rng(61)
KERNEL = RNG.normal(size=(3, 3, 2, 4)).astype("float32")
MATRIX = RNG.normal(size=(5, 4)).astype("float32")
FAMILIES = ("initializers", "regularizers", "constraints")
LATER = {"STFT", "STFTInitializer", "stft"}  # of spectrograms

CASES = [
    ("regularizers", "L1", {"l1": 0.25}, KERNEL),
    ("regularizers", "L2", {"l2": 0.25}, KERNEL),
    ("regularizers", "L1L2", {"l1": 0.5, "l2": 0.25}, KERNEL),
    ("regularizers", "OrthogonalRegularizer", {"factor": 0.5}, MATRIX),
    ("constraints", "MaxNorm", {"max_value": 1.0, "axis": [0, 1, 2]}, KERNEL),
    ("constraints", "MaxNorm", {}, 5 * MATRIX),
    ("constraints", "UnitNorm", {"axis": [0, 1, 2]}, KERNEL),
    ("constraints", "MinMaxNorm", {"min_value": 0.5, "max_value": 1.5, "rate": 0.7}, MATRIX),
    ("constraints", "NonNeg", {}, KERNEL),
]


def signatures(module):
    names = {n for n in dir(module) if not n.startswith("_")} - LATER - {"get", "serialize", "deserialize"}
    return {
        name: [(p.name, p.default) for p in inspect.signature(getattr(module, name)).parameters.values()]
        for name in names
        if callable(getattr(module, name))
    }


def moments(draws):
    return draws.mean(), draws.std(), np.abs(draws).max()


def shape_for(name):
    return (40, 50) if name.startswith("Identity") else (3, 3, 20, 50)


def answers(keras):
    keras.utils.set_random_seed(1)
    found = []
    for family, name, arguments, x in CASES:
        made = getattr(getattr(keras, family), name)(**arguments)
        found.append((np.asarray(made(x)), made.get_config(), getattr(keras, family).serialize(made)))
    classes = [name for name in dir(keras.initializers) if name[0].isupper() and name not in LATER]
    initializers = {}
    for name in set(classes) - {"Initializer"}:
        made = getattr(keras.initializers, name)()
        initializers[name] = made.get_config(), moments(np.asarray(made(shape_for(name))))
    return {
        "cases": found,
        "initializers": initializers,
        "signatures": {family: signatures(getattr(keras, family)) for family in FAMILIES},
    }
