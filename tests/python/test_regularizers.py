"""Regularizers and constraints: values, gradients at zero, identifiers, configs."""

import warnings

import numpy as np
import pytest
from convcore import constraints, regularizers

W = np.array([[1.0, -2.0, 0.0], [3.0, 0.5, -0.25]], "float32")


@pytest.mark.parametrize(
    "regularizer, expected",
    [
        (regularizers.L1(), 0.01 * 6.75),
        (regularizers.L1(0.5), 0.5 * 6.75),
        (regularizers.L2(), 0.01 * 14.3125),
        (regularizers.L2(2.0), 2.0 * 14.3125),
        (regularizers.L1L2(), 0.0),
        (regularizers.L1L2(0.1, 0.2), 0.1 * 6.75 + 0.2 * 14.3125),
    ],
)
def test_values(regularizer, expected):
    assert float(regularizer(W)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("mode", ["rows", "columns"])
def test_orthogonal(mode):
    w = np.random.default_rng(0).standard_normal((4, 3))
    vectors = w if mode == "rows" else w.T
    vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = [abs(vectors[i] @ vectors[j]) for i in range(len(vectors)) for j in range(i)]
    value = regularizers.OrthogonalRegularizer(0.3, mode)(w.astype("float32"))
    assert float(value) == pytest.approx(0.3 * np.mean(cosines), rel=1e-5)


@pytest.mark.parametrize(
    "name, cls", [("l1", "L1"), ("L1", "L1"), ("l2", "L2"), ("l1l2", "L1L2"), ("l1_l2", "L1L2")]
)
def test_get(name, cls):
    assert type(regularizers.get(name)).__name__ == cls


@pytest.mark.parametrize(
    "thing, module",
    [
        (regularizers.L1(0.5), regularizers),
        (regularizers.L2(0.25), regularizers),
        (regularizers.L1L2(0.5, 0.125), regularizers),
        (regularizers.OrthogonalRegularizer(0.5, "columns"), regularizers),
        (constraints.MaxNorm(3, [0, 1]), constraints),
        (constraints.UnitNorm(1), constraints),
        (constraints.MinMaxNorm(0.5, 2.0, 0.5, 1), constraints),
        (constraints.NonNeg(), constraints),
    ],
)
def test_config(thing, module):
    config = module.serialize(thing)
    assert config["class_name"] == type(thing).__name__ and config["module"] == module.__name__.replace(
        "convcore", "keras"
    )
    twin = module.deserialize(config)
    assert type(twin) is type(thing) and twin.get_config() == thing.get_config()
    assert module.get(thing) is thing and module.get(None) is None


@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf"), "x", True])
@pytest.mark.parametrize("cls", [regularizers.L1, regularizers.L2, regularizers.OrthogonalRegularizer])
def test_bad_factors(cls, value):
    with pytest.raises(ValueError, match="finite number >= 0"):
        cls(value)


@pytest.mark.parametrize("module, kind", [(regularizers, "regularizer"), (constraints, "constraint")])
def test_unknown_names(module, kind):
    with pytest.raises(ValueError, match=f"{kind}.*nope"):
        module.get("nope")


def test_bad_orthogonal():
    with pytest.raises(ValueError, match="rows.*diagonal"):
        regularizers.OrthogonalRegularizer(0.1, "diagonal")
    with pytest.raises(ValueError, match="rank 2"):
        regularizers.OrthogonalRegularizer()(np.zeros((2, 2, 2), "float32"))


def test_constraints():
    eps = 1e-7
    norm = np.sqrt((W.astype("float64") ** 2).sum(axis=0, keepdims=True))
    np.testing.assert_allclose(
        constraints.MaxNorm(1.5)(W), W * np.minimum(norm, 1.5) / (eps + norm), rtol=1e-5, atol=1e-7
    )
    np.testing.assert_allclose(constraints.UnitNorm()(W), W / (eps + norm), rtol=1e-5, atol=1e-7)
    desired = 0.25 * np.clip(norm, 0.5, 1.0) + 0.75 * norm
    np.testing.assert_allclose(
        constraints.MinMaxNorm(0.5, 1.0, 0.25)(W), W * desired / (eps + norm), rtol=1e-5, atol=1e-7
    )
    np.testing.assert_array_equal(constraints.NonNeg()(W), np.maximum(W, 0))
    filters = np.random.default_rng(0).standard_normal((3, 3, 2, 4)).astype("float32")
    unit = constraints.UnitNorm(axis=[0, 1, 2])(filters)
    np.testing.assert_allclose((unit**2).sum(axis=(0, 1, 2)), np.ones(4), rtol=1e-5)


def test_a_norm_along_the_height_of_a_kernel_warns():
    filters = np.random.default_rng(0).standard_normal((3, 3, 2, 4)).astype("float32")
    with pytest.warns(UserWarning, match=r"axis=\[0, 1, 2\]"):
        constraints.MaxNorm(1.0)(filters)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        constraints.MaxNorm(1.0, axis=[0, 1, 2])(filters)
        constraints.MaxNorm(1.0)(filters[0, 0])
