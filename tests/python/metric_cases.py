"""Metrics with arguments, targets and predictions, and what Keras makes of them."""

import warnings

import numpy as np

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
    ("Precision", {"top_k": 2}, (MANY, REAL[0])),
    ("Precision", {"class_id": 1, "thresholds": 0.3}, MULTI),
    ("Recall", {}, MULTI),
    ("Recall", {"top_k": 1, "class_id": 2}, (ONE_HOT, REAL[1])),
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
STRINGS = ("mse", "MAE", "auc", "precision", "f1_score", "binary_io_u", "mean_io_u", "r2_score", "acc")


def weights_for(name, y_true):
    """Weights as the metric takes them: whole numbers for integer counts, one per entry of flat metrics."""
    weights = COUNTS if "IoU" in name else WEIGHTS
    if "IoU" in name and np.ndim(y_true) > 1 and "OneHot" not in name:
        weights = np.broadcast_to(weights.reshape(-1, *[1] * (y_true.ndim - 1)), y_true.shape)
    return weights


def run(metric, name, data):
    """The result of one batch without weights, then of all batches with weights."""
    metric.update_state(data[0][BATCHES[0]], data[1][BATCHES[0]])
    first = np.asarray(metric.result())
    metric.reset_state()
    for part in BATCHES:
        weights = weights_for(name, data[0])[part]
        metric.update_state(data[0][part], data[1][part], sample_weight=weights)
    return first, np.asarray(metric.result())


def facts(metric):
    """What is saved of a metric, and how callbacks monitor it."""
    return {
        "config": {**plain(metric.get_config()), "name": metric.name.rstrip("_0123456789")},
        "state": [(v.name, tuple(v.shape), str(v.dtype)) for v in metric.variables],
        "direction": getattr(metric, "_direction", None),
    }


def plain(value):
    """Lists and arrays as they are compared; Keras has list classes of its own."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(item) for item in value]
    return value


def class_of(metrics, string):
    """The name of the class that a string means, or of the error."""
    try:
        return type(metrics.get(string)).__name__
    except (TypeError, ValueError) as error:
        return type(error).__name__


def answers(keras):
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, arguments, data in CASES:
            metric = getattr(keras.metrics, name)(**arguments)
            found.append((run(metric, name, data), facts(metric)))
    return {
        "cases": found,
        "names": [name for name in dir(keras.metrics) if not name.startswith("_")],
        "strings": {string: class_of(keras.metrics, string) for string in STRINGS},
    }
