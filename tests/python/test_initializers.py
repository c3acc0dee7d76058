"""Initializers: distributions, fans, seeds, identifiers and configs."""

import numpy as np
import pytest
from convcore import initializers
from convcore.random import SeedGenerator

RANDOM = [
    initializers.RandomNormal,
    initializers.RandomUniform,
    initializers.TruncatedNormal,
    initializers.VarianceScaling,
    initializers.GlorotUniform,
    initializers.GlorotNormal,
    initializers.HeUniform,
    initializers.HeNormal,
    initializers.LecunUniform,
    initializers.LecunNormal,
    initializers.Orthogonal,
]
OTHERS = [initializers.Zeros, initializers.Ones, initializers.Constant, initializers.Identity]


@pytest.mark.parametrize(
    "shape, fans",
    [
        ((), (1, 1)),
        ((7,), (7, 7)),
        ((3, 5), (3, 5)),
        ((2, 3, 4), (6, 8)),
        ((3, 3, 8, 16), (72, 144)),
        ((2, 2, 2, 3, 5), (24, 40)),
    ],
)
def test_fans(shape, fans):
    assert initializers.compute_fans(shape) == fans


@pytest.mark.parametrize("cls", RANDOM)
def test_an_instance_repeats_itself_and_instances_differ(cls):
    one, other = cls(), cls()
    np.testing.assert_array_equal(one((6, 5)), one((6, 5)))
    assert not np.array_equal(one((6, 5)), other((6, 5)))
    np.testing.assert_array_equal(cls(seed=3)((6, 5)), cls(seed=3)((6, 5)))
    assert not np.array_equal(cls(seed=3)((6, 5)), cls(seed=4)((6, 5)))


@pytest.mark.parametrize("cls", RANDOM)
def test_a_seed_generator_advances(cls):
    initializer = cls(seed=SeedGenerator(5))
    first, second = initializer((4, 4)), initializer((4, 4))
    assert not np.array_equal(first, second)
    again = cls(seed=SeedGenerator(5))
    np.testing.assert_array_equal(again((4, 4)), first)
    np.testing.assert_array_equal(again((4, 4)), second)


@pytest.mark.parametrize("cls", RANDOM + OTHERS)
@pytest.mark.parametrize("dtype", [None, "float32", "float64"])
def test_shape_and_dtype(cls, dtype):
    values = cls()((5, 3), dtype)
    assert (
        isinstance(values, np.ndarray)
        and values.shape == (5, 3)
        and values.dtype == np.dtype(dtype or "float32")
    )


@pytest.mark.parametrize("cls", RANDOM + OTHERS)
def test_config_makes_an_equal_initializer(cls):
    one = cls(seed=11) if cls in RANDOM else cls()
    config = initializers.serialize(one)
    assert config["module"] == "keras.initializers" and config["class_name"] == cls.__name__
    twin = initializers.deserialize(config)
    assert type(twin) is cls and twin.get_config() == one.get_config()
    np.testing.assert_array_equal(twin((4, 4)), one((4, 4)))


def _moments(initializer, shape=(200, 300)):
    values = initializer(shape, "float64")
    return values.mean(), values.std(), np.abs(values).max()


@pytest.mark.parametrize(
    "initializer, deviation, largest",
    [
        (initializers.RandomNormal(seed=1), 0.05, np.inf),
        (initializers.RandomUniform(seed=1), 0.1 / np.sqrt(12), 0.05),
        (initializers.TruncatedNormal(seed=1), 0.05 * 0.87962566, 0.1),
        (initializers.GlorotUniform(seed=1), np.sqrt(2 / 500), np.sqrt(6 / 500)),
        (initializers.GlorotNormal(seed=1), np.sqrt(2 / 500), 2 * np.sqrt(2 / 500) / 0.87962566),
        (initializers.HeUniform(seed=1), np.sqrt(2 / 200), np.sqrt(6 / 200)),
        (initializers.HeNormal(seed=1), np.sqrt(2 / 200), 2 * np.sqrt(2 / 200) / 0.87962566),
        (initializers.LecunUniform(seed=1), np.sqrt(1 / 200), np.sqrt(3 / 200)),
        (initializers.LecunNormal(seed=1), np.sqrt(1 / 200), 2 * np.sqrt(1 / 200) / 0.87962566),
        (
            initializers.VarianceScaling(3.0, "fan_out", "untruncated_normal", seed=1),
            np.sqrt(3 / 300),
            np.inf,
        ),
        (
            initializers.VarianceScaling(1.0, seed=1, input_axes=[0, 1], output_axes=[1]),
            np.sqrt(1 / 60000),
            np.inf,
        ),
    ],
)
def test_distribution(initializer, deviation, largest):
    mean, std, top = _moments(initializer)
    # 60,000 draws: the mean is within five standard errors, the deviation within 2 %
    assert abs(mean) < 5 * deviation / np.sqrt(60000)
    assert abs(std / deviation - 1) < 0.02
    assert top <= largest * (1 + 1e-6)


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (2, 3, 5), (2, 2, 1, 9)])
def test_orthogonal(shape):
    matrix = initializers.Orthogonal(gain=2.0, seed=3)(shape, "float64").reshape(-1, shape[-1])
    rows, columns = matrix.shape
    product = matrix.T @ matrix if rows >= columns else matrix @ matrix.T
    np.testing.assert_allclose(product, 4 * np.eye(min(rows, columns)), atol=1e-12)


def test_constant_values():
    np.testing.assert_array_equal(initializers.Zeros()((2, 2)), np.zeros((2, 2)))
    np.testing.assert_array_equal(initializers.Ones()((3,), "int32"), np.ones(3, "int32"))
    np.testing.assert_array_equal(initializers.Constant(2.5)((2,)), [2.5, 2.5])
    np.testing.assert_array_equal(initializers.Identity(3.0)((2, 3)), [[3, 0, 0], [0, 3, 0]])
    np.testing.assert_array_equal(initializers.get(np.arange(3.0))((3,)), [0, 1, 2])


@pytest.mark.parametrize(
    "name, cls",
    [
        ("zeros", "Zeros"),
        ("zero", "Zeros"),
        ("ones", "Ones"),
        ("one", "Ones"),
        ("identity", "Identity"),
        ("normal", "RandomNormal"),
        ("uniform", "RandomUniform"),
        ("glorot_uniform", "GlorotUniform"),
        ("GlorotUniform", "GlorotUniform"),
        ("he_normal", "HeNormal"),
        ("lecun_uniform", "LecunUniform"),
        ("truncated_normal", "TruncatedNormal"),
        ("variance_scaling", "VarianceScaling"),
        ("orthogonal", "Orthogonal"),
    ],
)
def test_get_by_name(name, cls):
    assert type(initializers.get(name)).__name__ == cls
    assert initializers.get(name) is not initializers.get(name)


def test_get_other_identifiers():
    instance = initializers.HeNormal()
    assert initializers.get(None) is None
    assert initializers.get(instance) is instance
    assert type(initializers.get(initializers.HeNormal)) is initializers.HeNormal
    old = initializers.get(
        {"class_name": "RandomNormal", "config": {"mean": 0.0, "stddev": 0.2, "seed": None}}
    )
    assert old.stddev == 0.2

    def function(shape, dtype=None):
        return np.full(shape, 7, dtype)

    assert initializers.get(function) is function


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: initializers.get("nope"), ["initializer", "nope"]),
        (lambda: initializers.get(3), ["initializer", "3"]),
        (lambda: initializers.VarianceScaling(scale=0.0), ["scale", "0.0"]),
        (lambda: initializers.VarianceScaling(mode="x"), ["mode", "fan_in", "x"]),
        (lambda: initializers.VarianceScaling(distribution="x"), ["distribution", "uniform", "x"]),
        (lambda: initializers.GlorotUniform(input_axes=[0]), ["output_axes"]),
        (lambda: initializers.HeNormal(seed="x"), ["seed", "x"]),
        (lambda: initializers.Identity()((3,)), ["2", "(3,)"]),
        (lambda: initializers.Orthogonal()((3,)), ["2", "(3,)"]),
        (lambda: initializers.get(np.zeros(3))((4,)), ["(3,)", "(4,)"]),
    ],
)
def test_errors(make, words):
    with pytest.raises(ValueError) as caught:
        make()
    assert all(word in str(caught.value) for word in words), str(caught.value)
