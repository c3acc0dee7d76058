"""Every loss beside Keras: each reduction, with weights of several shapes and with masks; configurations."""

import convcore
import numpy as np
import pytest
from oracle import keras

pytest.importorskip("jax").config.update("jax_disable_most_optimizations", True)

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
]
IDS = [f"{name}-{i}" for i, (name, _, _) in enumerate(CASES)]
REDUCTIONS = ["sum_over_batch_size", "mean_with_sample_weight", "sum", None]


class Masked(np.ndarray):
    """An array that can carry a mask, as Keras's tensors do."""


def masked(array, mask):
    array = np.asarray(array, "float32").view(Masked)
    array._keras_mask = mask
    return array


def keras_masked(array, mask):
    array = keras.ops.convert_to_tensor(np.asarray(array, "float32"))
    array._keras_mask = keras.ops.convert_to_tensor(mask)
    return array


@pytest.mark.parametrize(("name", "arguments", "data"), CASES, ids=IDS)
def test_values_reductions_weights_and_masks(name, arguments, data):
    """One value per sample in Keras, from which all reductions follow; the reductions themselves are compared
    below, with one loss.
    """
    y_true, y_pred = data
    if name == "Tversky":  # Keras 3.15 has alpha and beta the wrong way round, 3.16 as here
        theirs = keras.losses.Tversky(alpha=arguments["beta"], beta=arguments["alpha"], reduction=None)
    else:
        theirs = getattr(keras.losses, name)(**arguments, reduction=None)
    values = np.asarray(theirs(y_true, y_pred))
    cls = getattr(convcore.losses, name)
    np.testing.assert_allclose(cls(**arguments, reduction=None)(y_true, y_pred), values, rtol=2e-6, atol=1e-6)
    if values.ndim == 0:
        return
    weights = np.broadcast_to(WEIGHTS.reshape(-1, *[1] * (values.ndim - 1)), values.shape)
    weights = weights if values.shape[0] == 6 else np.ones_like(values)
    weighted = cls(**arguments, reduction="sum")(y_true, y_pred, weights)
    np.testing.assert_allclose(weighted, (values * weights).sum(), rtol=2e-6, atol=1e-6)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("mask", [None, MASK], ids=["all", "masked"])
@pytest.mark.parametrize("weights", [None, WEIGHTS, WEIGHTS[:, None]], ids=["plain", "weights", "column"])
@pytest.mark.parametrize("name", ["MeanSquaredError", "SparseCategoricalCrossentropy"])
def test_reductions(name, reduction, mask, weights):
    arguments = {"reduction": reduction}
    y_true, y_pred = REAL
    if name.startswith("Sparse"):
        arguments["ignore_class"] = 1
        y_true, y_pred = LABELS, SIMPLEX
    if mask is None:
        ours, theirs = y_pred, y_pred
    else:
        ours, theirs = masked(y_pred, mask), keras_masked(y_pred, mask)
    expected = getattr(keras.losses, name)(**arguments)(y_true, theirs, weights)
    actual = getattr(convcore.losses, name)(**arguments)(y_true, ours, weights)
    np.testing.assert_allclose(actual, expected, rtol=2e-6, atol=1e-6)


@pytest.mark.parametrize(("name", "arguments", "data"), CASES, ids=IDS)
def test_configurations_make_equal_losses(name, arguments, data):
    ours, theirs = (getattr(library.losses, name)(**arguments, name="x") for library in (convcore, keras))
    expected = theirs.get_config()
    assert {key: ours.get_config().get(key) for key in expected} == expected
    again = convcore.losses.deserialize(keras.losses.serialize(theirs))
    assert again.get_config().keys() == ours.get_config().keys()
    again = keras.saving.deserialize_keras_object(convcore.losses.serialize(ours))
    assert type(again) is type(theirs)


# Keras's classes and functions that convcore does not have: later releases (docs/roadmap.md)
LATER = {"CTC", "Circle", "ctc", "circle"}


def test_every_name_and_every_string_of_keras():
    names = [name for name in dir(keras.losses) if not name.startswith("_")]
    assert {name for name in names if not hasattr(convcore.losses, name)} == LATER
    for name in ("mse", "MAE", "bce", "kld", "KLD", "mape", "msle", "MSLE", "poisson", "tversky", "Huber"):
        theirs, ours = keras.losses.get(name), convcore.losses.get(name)
        assert getattr(ours, "__name__", type(ours).__name__) == getattr(
            theirs, "__name__", type(theirs).__name__
        )
    for name in ("logcosh", "huber_loss", "ce", "kullback_leibler_divergence"):
        for library in (keras, convcore):
            with pytest.raises(ValueError, match="Could not interpret loss"):
                library.losses.get(name)
