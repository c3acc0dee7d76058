"""Losses against their formulas in float64: values, reductions, weights, masks, names and configurations."""

import numpy as np
import pytest
from convcore import losses, ops

EPSILON = 1e-7
RNG = np.random.default_rng(7)
REAL = RNG.normal(size=(6, 5)), RNG.normal(size=(6, 5))
POSITIVE = RNG.uniform(0.1, 2.0, (6, 5)), RNG.uniform(0.1, 2.0, (6, 5))
PROBABILITIES = RNG.dirichlet(np.ones(5), 6), RNG.dirichlet(np.ones(5), 6)
ONE_HOT = np.eye(5)[[0, 4, 2, 2, 1, 3]], RNG.uniform(0.05, 0.95, (6, 5))
BINARY = (RNG.random((6, 5)) > 0.5).astype("float64"), RNG.uniform(0.02, 0.98, (6, 5))


def entropy(t, p):
    p = np.clip(p / p.sum(-1, keepdims=True), EPSILON, 1 - EPSILON)
    return -(t * np.log(p)).sum(-1)


def binary_entropy(t, p):
    p = np.clip(p, EPSILON, 1 - EPSILON)
    return -(t * np.log(p) + (1 - t) * np.log(1 - p)).mean(-1)


def unit(v):
    return v / np.sqrt(np.maximum((v * v).sum(-1, keepdims=True), 1e-14))


def huber(t, p):
    error = np.abs(t - p)
    return np.where(error <= 0.7, 0.5 * error**2, 0.7 * error - 0.5 * 0.49).mean(-1)


def hinged(t):
    return 2 * t - 1 if np.isin(t, (0, 1)).all() else t


CASES = {
    "mean_squared_error": (losses.MeanSquaredError(), REAL, lambda t, p: ((t - p) ** 2).mean(-1)),
    "mean_absolute_error": (losses.MeanAbsoluteError(), REAL, lambda t, p: np.abs(t - p).mean(-1)),
    "percentage": (
        losses.MeanAbsolutePercentageError(),
        REAL,
        lambda t, p: 100 * np.abs((t - p) / np.maximum(np.abs(t), EPSILON)).mean(-1),
    ),
    "logarithmic": (
        losses.MeanSquaredLogarithmicError(),
        POSITIVE,
        lambda t, p: ((np.log1p(t) - np.log1p(p)) ** 2).mean(-1),
    ),
    "cosine": (losses.CosineSimilarity(), REAL, lambda t, p: -(unit(t) * unit(p)).sum(-1)),
    "huber": (losses.Huber(delta=0.7), REAL, huber),
    "log_cosh": (losses.LogCosh(), REAL, lambda t, p: np.log(np.cosh(p - t)).mean(-1)),
    "kl": (losses.KLDivergence(), PROBABILITIES, lambda t, p: (t * np.log(t / p)).sum(-1)),
    "poisson": (losses.Poisson(), POSITIVE, lambda t, p: (p - t * np.log(p + EPSILON)).mean(-1)),
    "hinge": (losses.Hinge(), BINARY, lambda t, p: np.maximum(1 - hinged(t) * p, 0).mean(-1)),
    "hinge_signs": (losses.Hinge(), REAL, lambda t, p: np.maximum(1 - t * p, 0).mean(-1)),
    "squared_hinge": (
        losses.SquaredHinge(),
        BINARY,
        lambda t, p: (np.maximum(1 - hinged(t) * p, 0) ** 2).mean(-1),
    ),
    "categorical_hinge": (
        losses.CategoricalHinge(),
        ONE_HOT,
        lambda t, p: np.maximum(((1 - t) * p).max(-1) - (t * p).sum(-1) + 1, 0),
    ),
    "binary": (losses.BinaryCrossentropy(), BINARY, binary_entropy),
    "binary_smooth": (
        losses.BinaryCrossentropy(label_smoothing=0.2),
        BINARY,
        lambda t, p: binary_entropy(t * 0.8 + 0.1, p),
    ),
    "binary_logits": (
        losses.BinaryCrossentropy(from_logits=True),
        (BINARY[0], REAL[1] * 4),
        lambda t, z: binary_entropy(t, 1 / (1 + np.exp(-z))),
    ),
    "categorical": (losses.CategoricalCrossentropy(), ONE_HOT, entropy),
    "categorical_smooth": (
        losses.CategoricalCrossentropy(label_smoothing=0.1),
        ONE_HOT,
        lambda t, p: entropy(t * 0.9 + 0.1 / 5, p),
    ),
    "categorical_logits": (
        losses.CategoricalCrossentropy(from_logits=True),
        (ONE_HOT[0], REAL[1] * 4),
        lambda t, z: entropy(t, np.exp(z - z.max(-1, keepdims=True))),
    ),
    "binary_focal": (
        losses.BinaryFocalCrossentropy(apply_class_balancing=True, alpha=0.3, gamma=1.5),
        BINARY,
        lambda t, p: (
            (t * 0.3 + (1 - t) * 0.7)
            * (1 - (t * p + (1 - t) * (1 - p))) ** 1.5
            * -(t * np.log(p) + (1 - t) * np.log(1 - p))
        ).mean(-1),
    ),
    "categorical_focal": (
        losses.CategoricalFocalCrossentropy(alpha=0.3, gamma=1.5),
        (ONE_HOT[0], PROBABILITIES[1]),
        lambda t, p: (0.3 * (1 - p) ** 1.5 * -t * np.log(np.maximum(p, EPSILON))).sum(-1),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_value_per_sample_and_mean(name):
    loss, (t, p), reference = CASES[name]
    expected = reference(t, p)
    values = loss.call(np.asarray(t, "float32"), np.asarray(p, "float32"))
    np.testing.assert_allclose(values, expected, rtol=2e-5, atol=2e-6)
    np.testing.assert_allclose(loss(t, p), expected.mean(), rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("name", CASES)
def test_weights_divide_by_the_number_of_samples(name):
    loss, (t, p), reference = CASES[name]
    weights = np.array([1.0, 0.0, 2.0, 0.5, 3.0, 1.5])
    np.testing.assert_allclose(loss(t, p, weights), (reference(t, p) * weights).mean(), rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
@pytest.mark.parametrize("from_logits", [False, True])
def test_sparse_equals_categorical(shape, from_logits):
    labels = np.array([2, 0, 1, 1])
    scores = RNG.uniform(0.1, 0.9, (4, 3)).astype("float32")
    sparse = losses.SparseCategoricalCrossentropy(from_logits=from_logits)
    dense = losses.CategoricalCrossentropy(from_logits=from_logits)
    expected = dense(np.eye(3)[labels], scores)
    np.testing.assert_allclose(sparse(labels.reshape(shape), scores), expected, rtol=1e-6)
    np.testing.assert_allclose(sparse(labels.reshape(shape).astype("uint8"), scores), expected, rtol=1e-6)


def test_ignored_class_counts_neither_in_the_sum_nor_in_the_mean():
    labels = np.array([[0, 2], [1, 0]])
    scores = RNG.dirichlet(np.ones(3), (2, 2)).astype("float32")
    loss = losses.SparseCategoricalCrossentropy(ignore_class=0)
    per_entry = -np.log(np.take_along_axis(scores, labels[..., None], -1)[..., 0])
    np.testing.assert_allclose(loss(labels, scores), per_entry[labels != 0].mean(), rtol=1e-5)
    summed = losses.SparseCategoricalCrossentropy(ignore_class=0, reduction="sum")
    np.testing.assert_allclose(summed(labels, scores), per_entry[labels != 0].sum(), rtol=1e-5)


def test_largest_value_of_clipped_probabilities():
    zero = losses.categorical_crossentropy(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]))
    np.testing.assert_allclose(zero, [16.118], rtol=1e-4)


@pytest.mark.parametrize(
    ("reduction", "expected"),
    [
        ("sum_over_batch_size", (1 * 1 + 4 * 3) / 2),
        ("mean", (1 * 1 + 4 * 3) / 2),
        ("mean_with_sample_weight", (1 * 1 + 4 * 3) / 4),
        ("sum", 13.0),
        (None, [1.0, 12.0]),
        ("none", [1.0, 12.0]),
    ],
)
def test_reductions(reduction, expected):
    loss = losses.MeanSquaredError(reduction=reduction)
    value = loss(np.array([[0.0], [0.0]]), np.array([[1.0], [2.0]]), np.array([1.0, 3.0]))
    np.testing.assert_allclose(value, expected, rtol=1e-6)


def test_zero_weights_give_zero():
    loss = losses.MeanSquaredError(reduction="mean_with_sample_weight")
    assert float(loss(np.ones((2, 1)), np.zeros((2, 1)), np.zeros(2))) == 0.0


def test_mask_averages_over_valid_entries():
    values = losses.reduction.reduce_weighted_values(
        np.array([1.0, 2.0, 4.0], "float32"), mask=np.array([True, False, True])
    )
    np.testing.assert_allclose(values, 2.5, rtol=1e-6)


def test_ranks_that_differ_by_a_trailing_one_are_aligned():
    t, p = np.array([1.0, 2.0, 3.0]), np.array([[1.5], [2.0], [2.0]])
    np.testing.assert_allclose(losses.MeanSquaredError()(t, p), (0.25 + 1.0) / 3, rtol=1e-6)


@pytest.mark.parametrize("loss", [losses.CategoricalCrossentropy(), losses.SparseCategoricalCrossentropy()])
def test_mismatched_shapes_name_both(loss):
    with pytest.raises(ValueError, match=r"\(5, 2\).*\(4, 3\)"):
        loss(np.zeros((5, 2)), np.ones((4, 3)))


def test_unknown_reduction_and_unknown_name():
    with pytest.raises(ValueError, match="reduction.*'average'"):
        losses.MeanSquaredError(reduction="average")
    with pytest.raises(ValueError, match="loss identifier.*'quadratic'"):
        losses.get("quadratic")


@pytest.mark.parametrize(
    ("identifier", "found"),
    [
        ("mse", losses.mean_squared_error),
        ("MAE", losses.mean_absolute_error),
        ("bce", losses.binary_crossentropy),
        ("categorical_crossentropy", losses.categorical_crossentropy),
        (losses.huber, losses.huber),
        (None, None),
    ],
)
def test_get(identifier, found):
    assert losses.get(identifier) is found


@pytest.mark.parametrize("name", ["MeanSquaredError", "SparseCategoricalCrossentropy", "Huber"])
def test_class_names_and_configurations_make_objects(name):
    loss = losses.get(name)
    again = losses.get({"class_name": name, "config": loss.get_config()})
    assert type(again) is type(loss) is getattr(losses, name)
    assert again.get_config() == loss.get_config()


def test_configuration_lists_the_arguments():
    loss = losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=0.1, axis=1, reduction="sum", name="x"
    )
    assert loss.get_config() == {
        "name": "x",
        "reduction": "sum",
        "from_logits": True,
        "label_smoothing": 0.1,
        "axis": 1,
    }


def test_subclass_defines_call():
    class Cubic(losses.Loss):
        def call(self, y_true, y_pred):
            return ops.mean(ops.abs(y_true - y_pred) ** 3, axis=-1)

    np.testing.assert_allclose(Cubic()(np.zeros((2, 2)), np.full((2, 2), 2.0)), 8.0, rtol=1e-6)
    assert Cubic().name.startswith("cubic")
