"""Metrics against counts and means in NumPy, over uneven batches, with and without weights."""

import numpy as np
import pytest
from convcore import losses, metrics

RNG = np.random.default_rng(11)
SCORES = RNG.uniform(0, 1, (23, 4)).astype("float32")
LABELS = RNG.integers(0, 4, 23)
WEIGHTS = RNG.uniform(0, 2, 23).astype("float32")


def rank_of_label(scores, labels):
    return (scores > np.take_along_axis(scores, labels[:, None], 1)).sum(1)


HITS = {
    "SparseCategoricalAccuracy": (LABELS, SCORES, SCORES.argmax(1) == LABELS),
    "CategoricalAccuracy": (np.eye(4)[LABELS], SCORES, SCORES.argmax(1) == LABELS),
    "BinaryAccuracy": (LABELS[:, None] % 2, SCORES[:, :1], (SCORES[:, 0] > 0.5) == LABELS % 2),
    "Accuracy": (LABELS, SCORES.argmax(1), SCORES.argmax(1) == LABELS),
}


@pytest.mark.parametrize("name", HITS)
@pytest.mark.parametrize("weighted", [False, True])
def test_accuracy_over_batches(name, weighted):
    y_true, y_pred, hits = HITS[name]
    metric = getattr(metrics, name)()
    for part in (slice(0, 10), slice(10, 20), slice(20, 23)):
        metric.update_state(y_true[part], y_pred[part], WEIGHTS[part] if weighted else None)
    expected = np.average(hits, weights=WEIGHTS if weighted else None)
    np.testing.assert_allclose(metric.result(), expected, rtol=1e-6)
    metric.reset_state()
    assert float(metric.result()) == 0.0


@pytest.mark.parametrize("k", [1, 2, 3])
def test_top_k(k):
    hits = (rank_of_label(SCORES, LABELS) < k).mean()
    sparse, dense = metrics.SparseTopKCategoricalAccuracy(k), metrics.TopKCategoricalAccuracy(k)
    np.testing.assert_allclose(sparse(LABELS, SCORES), hits, rtol=1e-6)
    np.testing.assert_allclose(dense(np.eye(4)[LABELS], SCORES), hits, rtol=1e-6)
    order = np.argsort(-SCORES, 1)
    by_id = metrics.SparseTopKCategoricalAccuracy(k, from_sorted_ids=True)
    np.testing.assert_allclose(by_id(LABELS, order), hits, rtol=1e-6)


def test_ties_count_for_top_k_and_go_to_the_first_class_for_accuracy():
    tied = np.array([[0.4, 0.4, 0.2]], "float32")
    assert float(metrics.SparseTopKCategoricalAccuracy(1)(np.array([1]), tied)) == 1.0
    assert float(metrics.SparseCategoricalAccuracy()(np.array([1]), tied)) == 0.0
    assert float(metrics.SparseCategoricalAccuracy()(np.array([0]), tied)) == 1.0


def test_binary_threshold_is_strict():
    metric = metrics.BinaryAccuracy(threshold=0.25)
    np.testing.assert_allclose(metric(np.array([[1], [0]]), np.array([[0.25], [0.25]], "float32")), 0.5)
    with pytest.raises(ValueError, match="threshold"):
        metrics.BinaryAccuracy(threshold=1.5)


def test_labels_with_a_trailing_axis():
    metric = metrics.SparseCategoricalAccuracy()
    np.testing.assert_allclose(
        metric(LABELS[:, None], SCORES), (SCORES.argmax(1) == LABELS).mean(), rtol=1e-6
    )


def test_accuracy_per_pixel():
    scores = RNG.uniform(0, 1, (3, 5, 4)).astype("float32")
    labels = RNG.integers(0, 4, (3, 5))
    metric = metrics.SparseCategoricalAccuracy()
    np.testing.assert_allclose(metric(labels, scores), (scores.argmax(-1) == labels).mean(), rtol=1e-6)


def test_mean_and_sum():
    mean, total = metrics.Mean(), metrics.Sum()
    assert float(mean.result()) == 0.0
    for values, weights in (([1, 3, 5, 7], None), ([2.0], None), ([4.0, 8.0], [1.0, 0.5])):
        mean.update_state(np.array(values, "float32"), weights)
        total.update_state(np.array(values, "float32"), weights)
    np.testing.assert_allclose(total.result(), 26.0)
    np.testing.assert_allclose(mean.result(), 26.0 / 6.5, rtol=1e-6)
    scalar = metrics.Mean()
    scalar.update_state(np.float32(3.0))
    scalar.update_state(np.float32(5.0), 3.0)
    np.testing.assert_allclose(scalar.result(), 4.5)


@pytest.mark.parametrize(
    "name",
    [
        "MeanSquaredError",
        "MeanAbsoluteError",
        "Poisson",
        "KLDivergence",
        "LogCoshError",
        "Hinge",
        "SquaredHinge",
        "CategoricalHinge",
        "BinaryCrossentropy",
        "CategoricalCrossentropy",
        "MeanAbsolutePercentageError",
        "MeanSquaredLogarithmicError",
    ],
)
def test_losses_as_metrics_divide_by_the_weights(name):
    y_true, y_pred = np.eye(4, dtype="float32")[LABELS], SCORES
    loss = getattr(losses, "LogCosh" if name == "LogCoshError" else name)(reduction=None)
    values = loss(y_true, y_pred)
    metric = getattr(metrics, name)()
    for part in (slice(0, 16), slice(16, 23)):
        metric.update_state(y_true[part], y_pred[part], WEIGHTS[part])
    np.testing.assert_allclose(metric.result(), np.average(values, weights=WEIGHTS), rtol=1e-5)


def test_root_mean_squared_error_and_cosine_similarity():
    y_true = RNG.normal(size=(23, 4)).astype("float32")
    root = np.sqrt(((y_true - SCORES) ** 2).mean())
    np.testing.assert_allclose(metrics.RootMeanSquaredError()(y_true, SCORES), root, rtol=1e-5)
    lengths = np.linalg.norm(y_true, axis=1) * np.linalg.norm(SCORES, axis=1)
    cosine = ((y_true * SCORES).sum(1) / lengths).mean()
    np.testing.assert_allclose(metrics.CosineSimilarity()(y_true, SCORES), cosine, rtol=1e-5)


def test_ignored_class_of_the_sparse_metric_needs_weights():
    labels = np.array([0, 1, 2])
    scores = RNG.dirichlet(np.ones(3), 3).astype("float32")
    values = -np.log(scores[np.arange(3), labels])
    metric = metrics.SparseCategoricalCrossentropy(ignore_class=0)
    np.testing.assert_allclose(metric(labels, scores), values[1:].sum() / 3, rtol=1e-5)
    metric.reset_state()
    np.testing.assert_allclose(metric(labels, scores, np.ones(3)), values[1:].mean(), rtol=1e-5)


@pytest.mark.parametrize(
    ("identifier", "cls"),
    [
        ("mse", metrics.MeanSquaredError),
        ("MAE", metrics.MeanAbsoluteError),
        ("sparse_categorical_accuracy", metrics.SparseCategoricalAccuracy),
        ("CategoricalAccuracy", metrics.CategoricalAccuracy),
        ("accuracy", metrics.Accuracy),
        (metrics.Mean, metrics.Mean),
    ],
)
def test_get(identifier, cls):
    assert type(metrics.get(identifier)) is cls


def test_unknown_name():
    with pytest.raises(ValueError, match="metric identifier.*'acc'"):
        metrics.get("acc")


@pytest.mark.parametrize(
    "metric", [metrics.TopKCategoricalAccuracy(k=3, name="top"), metrics.BinaryAccuracy()]
)
def test_configuration_round_trip(metric):
    again = type(metric).from_config(metric.get_config())
    assert again.get_config() == metric.get_config()
    assert metric.get_config()["name"] == metric.name


def test_variables_of_metrics_inside_metrics():
    class Both(metrics.Metric):
        def __init__(self):
            super().__init__(name="both")
            self.inner = metrics.Mean()
            self.calls = self.add_variable((), name="calls")

        def update_state(self, values, sample_weight=None):
            self.inner.update_state(values)
            self.calls.assign_add(1.0)

        def result(self):
            return {"mean": self.inner.result(), "calls": self.calls.value}

    both = Both()
    both.update_state(np.array([2.0, 4.0], "float32"))
    assert float(both.result()["mean"]) == 3.0 and float(both.result()["calls"]) == 1.0
    assert len(both.variables) == 3
    both.reset_state()
    assert all(float(variable.numpy()) == 0 for variable in both.variables)


def test_results_are_not_changed_by_later_batches():
    for metric in (metrics.Sum(), metrics.TruePositives(thresholds=[0.2, 0.5]), metrics.ConfusionMatrix(2)):
        batch = ([1.0, 1.0],) if isinstance(metric, metrics.Sum) else ([1, 1], [1, 1])
        metric.update_state(*[np.array(part) for part in batch])
        result = metric.result()
        before = np.array(result)
        metric.update_state(*[np.array(part) for part in batch])
        np.testing.assert_array_equal(result, before)
