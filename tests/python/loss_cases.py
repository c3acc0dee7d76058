"""Losses with arguments, targets and predictions, and what Keras makes of them."""

import numpy as np

RNG = np.random.default_rng(23)
REAL = (RNG.normal(size=(6, 5)).astype("float32"), RNG.normal(size=(6, 5)).astype("float32"))
SCORES = RNG.uniform(0.02, 0.98, (6, 5)).astype("float32")
LABELS = RNG.integers(0, 5, 6)
ONE_HOT = np.eye(5, dtype="float32")[LABELS]
SIMPLEX = SCORES / SCORES.sum(-1, keepdims=True)
BINARY = (RNG.integers(0, 2, (6, 5)).astype("float32"), SCORES)
CLASSES = (ONE_HOT, SIMPLEX)
WEIGHTS = RNG.uniform(0, 2, 6).astype("float32")
MASK = np.array([1, 1, 0, 1, 0, 1], bool)
PIXELS = (RNG.integers(0, 5, (6, 4, 1)), RNG.normal(size=(6, 4, 5)).astype("float32"))
UNIT = REAL[0] / np.linalg.norm(REAL[0], axis=-1, keepdims=True)
SEQUENCES = np.array([[1, 2, 3, 4], [1, 1, 0, 0], [2, 2, 2, 1], [3, 0, 0, 0], [4, 3, 3, 0], [1, 3, 1, 3]])

CASES = [
    ("MeanSquaredError", {}, REAL),
    ("MeanAbsoluteError", {}, REAL),
    ("MeanAbsolutePercentageError", {}, REAL),
    ("MeanSquaredLogarithmicError", {}, BINARY),
    ("CosineSimilarity", {}, REAL),
    ("CosineSimilarity", {"axis": 1}, PIXELS[1:] * 2),
    ("Huber", {"delta": 0.7}, REAL),
    ("LogCosh", {}, REAL),
    ("KLDivergence", {}, CLASSES),
    ("Poisson", {}, BINARY),
    ("Hinge", {}, BINARY),
    ("SquaredHinge", {}, REAL),
    ("CategoricalHinge", {}, CLASSES),
    ("BinaryCrossentropy", {"label_smoothing": 0.1}, BINARY),
    ("BinaryCrossentropy", {"from_logits": True}, (BINARY[0], REAL[0])),
    ("BinaryFocalCrossentropy", {"apply_class_balancing": True, "gamma": 1.5}, BINARY),
    ("BinaryFocalCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, (BINARY[0], REAL[0])),
    ("CategoricalCrossentropy", {"label_smoothing": 0.1}, CLASSES),
    ("CategoricalCrossentropy", {"from_logits": True, "axis": 1}, (np.eye(4)[PIXELS[0][..., 0] % 4],) * 2),
    ("CategoricalFocalCrossentropy", {"alpha": 0.3, "gamma": 1.0}, CLASSES),
    ("CategoricalFocalCrossentropy", {"from_logits": True, "label_smoothing": 0.2}, (ONE_HOT, REAL[0])),
    ("SparseCategoricalCrossentropy", {}, (LABELS, SIMPLEX)),
    ("SparseCategoricalCrossentropy", {"from_logits": True, "ignore_class": 2}, (LABELS, REAL[0])),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, PIXELS),
    ("Dice", {}, BINARY),
    ("Dice", {"axis": (1,)}, BINARY),
    ("Tversky", {"alpha": 0.3, "beta": 0.7}, BINARY),
    ("CategoricalGeneralizedCrossEntropy", {"q": 0.7}, (LABELS, SIMPLEX)),
    ("Circle", {"gamma": 8.0}, (LABELS % 2, UNIT)),
    ("Circle", {"gamma": 4.0, "margin": 0.2, "remove_diagonal": False}, (LABELS, UNIT)),
    ("CTC", {}, (SEQUENCES, RNG.normal(size=(6, 12, 5)).astype("float32"))),
]
REDUCTIONS = ["sum_over_batch_size", "mean_with_sample_weight", "sum", None]
STRINGS = ["mse", "MAE", "bce", "kld", "KLD", "mape", "msle", "MSLE", "poisson", "tversky", "Huber"]
STRINGS += ["logcosh", "huber_loss", "ce", "kullback_leibler_divergence"]


class Masked(np.ndarray):
    """An array that can carry a mask, as Keras's tensors do."""


def masked(array, mask):
    if mask is None:
        return array
    array = np.asarray(array, "float32").view(Masked)
    array._keras_mask = mask
    return array


def reductions(losses):
    """Two losses, one of which masks too, with every reduction, with and without mask and weights."""
    found = {}
    for reduction in REDUCTIONS:
        for mask in (None, MASK):
            for kind, weights in (("plain", None), ("weights", WEIGHTS), ("column", WEIGHTS[:, None])):
                key = (reduction, mask is not None, kind)
                squared = losses.MeanSquaredError(reduction=reduction)
                sparse = losses.SparseCategoricalCrossentropy(reduction=reduction, ignore_class=1)
                found[key] = [
                    np.asarray(squared(REAL[0], masked(REAL[1], mask), weights)),
                    np.asarray(sparse(LABELS, masked(SIMPLEX, mask), weights)),
                ]
    return found


def meaning(losses, string):
    """The name of the function or class that a string means, or of the error."""
    try:
        found = losses.get(string)
    except ValueError:
        return "ValueError"
    return getattr(found, "__name__", type(found).__name__)


def answers(keras):
    found = []
    for name, arguments, (y_true, y_pred) in CASES:
        loss = getattr(keras.losses, name)(**arguments, reduction=None, name="x")
        config = keras.losses.serialize(loss)
        if name == "Tversky":  # Keras 3.15 has alpha and beta the wrong way round, 3.16 as here
            loss = keras.losses.Tversky(alpha=arguments["beta"], beta=arguments["alpha"], reduction=None)
        found.append((np.asarray(loss(y_true, y_pred)), config))
    return {
        "cases": found,
        "reductions": reductions(keras.losses),
        "names": [name for name in dir(keras.losses) if not name.startswith("_")],
        "strings": {string: meaning(keras.losses, string) for string in STRINGS},
    }
