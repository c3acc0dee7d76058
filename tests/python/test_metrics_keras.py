"""Every metric beside Keras: uneven batches, with and without weights; then configurations and names."""

import warnings

import convcore
import numpy as np
import pytest
from oracle import keras

# JAX compiles for seconds what it then runs for milliseconds.
pytest.importorskip("jax").config.update("jax_disable_most_optimizations", True)

RNG = np.random.default_rng(17)
BATCHES = (slice(0, 20), slice(20, 23))
WEIGHTS = RNG.uniform(0, 2, 23).astype("float32")
COUNTS = RNG.integers(0, 3, 23)
REAL = (RNG.normal(size=(23, 4)).astype("float32"), RNG.normal(size=(23, 4)).astype("float32"))
SCORES = RNG.uniform(0, 1, (23, 4)).astype("float32")
SCORES[::5] = np.round(SCORES[::5], 1)  # on thresholds, and equal to each other
LABELS = RNG.integers(0, 4, 23)
ONE_HOT = np.eye(4, dtype="float32")[LABELS]
SIMPLEX = SCORES / np.maximum(SCORES.sum(-1, keepdims=True), 1e-3)
MANY = (RNG.uniform(0, 1, (23, 4)) < SCORES).astype("float32")
ONE = (MANY[:, 0], SCORES[:, 0])
MULTI = (MANY, SCORES)
CLASSES = (LABELS, RNG.integers(-1, 5, 23))
IMAGES = (RNG.integers(0, 4, (23, 3, 2)), RNG.integers(0, 4, (23, 3, 2)))
THREE = [0.2, 0.5, 0.9]

# name of the class, arguments, targets and predictions
CASES = [
    ("Accuracy", {}, (LABELS, CLASSES[1])),
    ("BinaryAccuracy", {}, (MANY, SCORES)),
    ("BinaryAccuracy", {"threshold": 0.3}, ONE),
    ("CategoricalAccuracy", {}, (ONE_HOT, SCORES)),
    ("SparseCategoricalAccuracy", {}, (LABELS, SCORES)),
    ("SparseCategoricalAccuracy", {}, (LABELS[:, None], SCORES)),
    ("TopKCategoricalAccuracy", {"k": 2}, (ONE_HOT, SCORES)),
    ("SparseTopKCategoricalAccuracy", {"k": 3}, (LABELS, SCORES)),
    ("MeanSquaredError", {}, REAL),
    ("RootMeanSquaredError", {}, REAL),
    ("MeanAbsoluteError", {}, REAL),
    ("MeanAbsolutePercentageError", {}, REAL),
    ("MeanSquaredLogarithmicError", {}, MULTI),
    ("CosineSimilarity", {}, REAL),
    ("CosineSimilarity", {"axis": 1}, REAL),
    ("LogCoshError", {}, REAL),
    ("Hinge", {}, MULTI),
    ("SquaredHinge", {}, MULTI),
    ("CategoricalHinge", {}, (ONE_HOT, SCORES)),
    ("KLDivergence", {}, (ONE_HOT, SIMPLEX)),
    ("Poisson", {}, MULTI),
    ("BinaryCrossentropy", {"label_smoothing": 0.1}, MULTI),
    ("BinaryCrossentropy", {"from_logits": True}, (MANY, REAL[0])),
    ("CategoricalCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, (ONE_HOT, REAL[0])),
    ("SparseCategoricalCrossentropy", {}, (LABELS, SIMPLEX)),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, (LABELS, REAL[0])),
    *[(name, {}, ONE) for name in ("TruePositives", "TrueNegatives", "FalsePositives", "FalseNegatives")],
    ("TruePositives", {"thresholds": THREE}, MULTI),
    ("FalseNegatives", {"thresholds": THREE}, MULTI),
    ("FalsePositives", {"thresholds": [0.0, 0.25, 0.5, 0.75, 1.0]}, MULTI),
    ("Precision", {}, ONE),
    ("Precision", {"thresholds": THREE}, MULTI),
    ("Precision", {"top_k": 2}, MULTI),
    ("Precision", {"class_id": 1, "thresholds": 0.3}, MULTI),
    ("Recall", {}, MULTI),
    ("Recall", {"top_k": 1, "class_id": 2}, (ONE_HOT, SCORES)),
    ("Recall", {"thresholds": [0.0, 0.5, 1.0]}, MULTI),
    ("SensitivityAtSpecificity", {"specificity": 0.6}, ONE),
    ("SpecificityAtSensitivity", {"sensitivity": 0.6, "num_thresholds": 1}, ONE),
    ("PrecisionAtRecall", {"recall": 0.5, "class_id": 3}, MULTI),
    ("RecallAtPrecision", {"precision": 0.7, "num_thresholds": 20}, MULTI),
    ("AUC", {}, ONE),
    ("AUC", {"curve": "PR"}, MULTI),
    ("AUC", {"curve": "PR", "summation_method": "minoring", "num_thresholds": 30}, MULTI),
    ("AUC", {"curve": "ROC", "summation_method": "majoring", "thresholds": [0.3, 0.1, 0.8]}, MULTI),
    ("AUC", {"curve": "PRGAIN", "num_thresholds": 20}, MULTI),
    ("AUC", {"multi_label": True, "curve": "PR", "num_thresholds": 20}, MULTI),
    ("AUC", {"multi_label": True, "num_labels": 4, "label_weights": [1.0, 0.0, 2.0, 3.0]}, MULTI),
    ("AUC", {"from_logits": True, "label_weights": [1.0, 0.0, 2.0, 3.0]}, (MANY, REAL[1])),
    *[("F1Score", {"average": a}, (ONE_HOT, SCORES)) for a in (None, "micro", "macro", "weighted")],
    ("F1Score", {"threshold": 0.4}, MULTI),
    ("FBetaScore", {"beta": 2.0, "average": "weighted", "threshold": 0.5}, MULTI),
    ("IoU", {"num_classes": 4, "target_class_ids": [0, 2]}, CLASSES),
    ("IoU", {"num_classes": 4, "target_class_ids": [1], "sparse_y_pred": False}, (LABELS, SCORES)),
    ("BinaryIoU", {"target_class_ids": [1], "threshold": 0.3}, MULTI),
    ("MeanIoU", {"num_classes": 4, "ignore_class": 1}, CLASSES),
    ("MeanIoU", {"num_classes": 5}, IMAGES),
    ("OneHotIoU", {"num_classes": 4, "target_class_ids": [0, 3]}, (ONE_HOT, SCORES)),
    ("OneHotMeanIoU", {"num_classes": 4, "sparse_y_pred": True}, (ONE_HOT, CLASSES[1])),
    ("R2Score", {}, REAL),
    ("R2Score", {"class_aggregation": "variance_weighted_average", "num_regressors": 2}, REAL),
    ("R2Score", {"class_aggregation": None}, REAL),
    ("PearsonCorrelation", {}, REAL),
    ("ConcordanceCorrelation", {}, REAL),
]
IDS = [f"{name}-{i}" for i, (name, _, _) in enumerate(CASES)]


def weights_for(name, y_true):
    """Weights as the metric takes them: whole numbers for integer counts, one per entry of flat metrics."""
    weights = COUNTS if "IoU" in name else WEIGHTS
    if "IoU" in name and np.ndim(y_true) > 1 and "OneHot" not in name:
        weights = np.broadcast_to(weights.reshape(-1, *[1] * (y_true.ndim - 1)), y_true.shape)
    return weights


@pytest.mark.parametrize(("name", "arguments", "data"), CASES, ids=IDS)
def test_values_configuration_and_state(name, arguments, data):
    ours, theirs = (getattr(library.metrics, name)(**arguments) for library in (convcore, keras))
    for metric in (ours, theirs):
        metric.update_state(data[0][BATCHES[0]], data[1][BATCHES[0]])
    np.testing.assert_allclose(ours.result(), theirs.result(), rtol=1e-6, atol=1e-6)
    check_configuration_and_state(ours, theirs, arguments)
    for metric in (ours, theirs):
        metric.reset_state()
        for part in BATCHES:
            weights = weights_for(name, data[0])[part]
            metric.update_state(data[0][part], data[1][part], sample_weight=weights)
    np.testing.assert_allclose(ours.result(), theirs.result(), rtol=1e-6, atol=1e-6)


def check_configuration_and_state(ours, theirs, arguments):
    expected = {**theirs.get_config(), "name": ours.name}
    if arguments.get("label_weights"):  # an array there
        expected["label_weights"] = arguments["label_weights"]
    found = ours.get_config()
    assert {key: found.get(key) for key in expected} == expected
    assert type(ours).from_config(found).get_config() == found
    assert [(v.name, tuple(v.shape), v.dtype) for v in ours.variables] == [
        (v.name, tuple(v.shape), v.dtype) for v in theirs.variables
    ]
    assert ours._direction == getattr(theirs, "_direction", None)
    assert ours.name.rstrip("_0123456789") == theirs.name.rstrip("_0123456789")


def test_no_metric_of_keras_is_missing_and_strings_mean_the_same():
    names = [name for name in dir(keras.metrics) if not name.startswith("_")]
    assert [name for name in names if not hasattr(convcore.metrics, name)] == []
    for name in ("mse", "MAE", "auc", "precision", "f1_score", "binary_io_u", "mean_io_u", "r2_score"):
        try:
            theirs = type(keras.metrics.get(name)).__name__
        except (TypeError, ValueError) as error:
            with pytest.raises(type(error)):
                convcore.metrics.get(name)
        else:
            assert type(convcore.metrics.get(name)).__name__ == theirs


def test_metrics_inside_fit_give_what_keras_gives():
    """The recorded step, with integer state, state made at the first batch, and equal names."""
    x = RNG.normal(size=(20, 6)).astype("float32")
    y = np.eye(4, dtype="float32")[RNG.integers(0, 4, 20)]
    results = []
    start = None
    for library in (keras, convcore):
        model = library.Sequential([library.layers.Input((6,)), library.layers.Dense(4, "softmax")])
        start = start or model.get_weights()
        model.set_weights(start)
        metrics = library.metrics
        model.compile(
            "sgd",
            "categorical_crossentropy",
            metrics=[
                metrics.AUC(num_thresholds=20, multi_label=True, name="auc"),
                metrics.F1Score(average="macro"),
                metrics.OneHotMeanIoU(4, name="iou"),
                metrics.Precision(top_k=2, name="precision"),
                "kl_divergence",
            ],
            weighted_metrics=[metrics.R2Score(), "accuracy", metrics.Recall(name="precision")],
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            history = model.fit(
                x, y, batch_size=8, epochs=2, shuffle=False, verbose=0, class_weight={1: 2.0}
            ).history
        results.append(history)
    assert list(results[0]) == list(results[1])
    for key, values in results[0].items():
        np.testing.assert_allclose(results[1][key], values, atol=2e-6, err_msg=key)


def test_confusion_matrix_counts_pairs():
    matrix = convcore.metrics.ConfusionMatrix(3, sparse_y_pred=False)
    matrix.update_state([0, 1, 1, 2], np.eye(3)[[0, 1, 2, 2]])
    matrix.update_state([[2], [5]], np.eye(3)[[0, 0]], sample_weight=[3, 1])
    np.testing.assert_array_equal(matrix.result(), [[1, 0, 0], [0, 1, 1], [3, 0, 1]])
    assert matrix.result().dtype == np.int32


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda m: m.Precision(thresholds=[0.5, 1.5]), "thresholds"),
        (lambda m: m.SensitivityAtSpecificity(1.5), "specificity"),
        (lambda m: m.PrecisionAtRecall(0.5, num_thresholds=0), "num_thresholds"),
        (lambda m: m.AUC(num_thresholds=1), "num_thresholds"),
        (lambda m: m.AUC(curve="roc-curve"), "curve"),
        (lambda m: m.AUC(summation_method="middle"), "summation_method"),
        (lambda m: m.AUC(num_labels=3), "num_labels"),
        (lambda m: m.F1Score(average="mean"), "average"),
        (lambda m: m.FBetaScore(beta=1), "beta"),
        (lambda m: m.FBetaScore(threshold=2.0), "threshold"),
        (lambda m: m.IoU(2, [2]), "target_class_ids"),
        (lambda m: m.R2Score(num_regressors=-1), "num_regressors"),
        (lambda m: m.R2Score(class_aggregation="mean"), "class_aggregation"),
        (lambda m: m.F1Score().update_state(np.ones(3), np.ones(3)), "shape"),
        (lambda m: m.Recall(class_id=0).update_state(np.ones(3), np.ones(3)), "class_id"),
    ],
)
def test_bad_arguments_name_what_was_received(make, word):
    with pytest.raises(ValueError, match=word):
        make(convcore.metrics)
