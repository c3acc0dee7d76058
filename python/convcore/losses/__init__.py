"""Losses under Keras's names: classes for `compile(loss=...)`, functions that return one value per sample."""

from ..core.lookup import resolve
from ..core.suggestions import suggest_names
from .crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    CategoricalGeneralizedCrossEntropy,
    SparseCategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
    categorical_generalized_cross_entropy,
    sparse_categorical_crossentropy,
)
from .divergence import Dice, KLDivergence, Poisson, Tversky, dice, kl_divergence, poisson, tversky
from .focal import (
    BinaryFocalCrossentropy,
    CategoricalFocalCrossentropy,
    binary_focal_crossentropy,
    categorical_focal_crossentropy,
)
from .hinge import CategoricalHinge, Hinge, SquaredHinge, categorical_hinge, hinge, squared_hinge
from .loss import Loss, LossFunctionWrapper
from .matching import CTC, Circle, circle, ctc
from .regression import (
    CosineSimilarity,
    Huber,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    cosine_similarity,
    huber,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)

CLASSES = (
    Loss,
    LossFunctionWrapper,
    KLDivergence,
    Poisson,
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    CategoricalCrossentropy,
    CategoricalFocalCrossentropy,
    SparseCategoricalCrossentropy,
    MeanSquaredError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredLogarithmicError,
    CosineSimilarity,
    LogCosh,
    Huber,
    Hinge,
    SquaredHinge,
    CategoricalHinge,
    Dice,
    Tversky,
    CategoricalGeneralizedCrossEntropy,
    Circle,
    CTC,
)
FUNCTIONS = (
    kl_divergence,
    poisson,
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    sparse_categorical_crossentropy,
    mean_squared_error,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_logarithmic_error,
    cosine_similarity,
    log_cosh,
    huber,
    hinge,
    squared_hinge,
    categorical_hinge,
    dice,
    tversky,
    categorical_generalized_cross_entropy,
    circle,
    ctc,
)
SHORT_NAMES = {
    "bce": binary_crossentropy,
    "kld": kl_divergence,
    "mae": mean_absolute_error,
    "mse": mean_squared_error,
    "mape": mean_absolute_percentage_error,
    "msle": mean_squared_logarithmic_error,
}
TABLE = {item.__name__: item for item in CLASSES + FUNCTIONS}
TABLE.update(SHORT_NAMES)
TABLE.update({name.upper(): function for name, function in SHORT_NAMES.items()})

__all__ = [item.__name__ for item in CLASSES + FUNCTIONS] + ["deserialize", "get", "serialize"]


def get(identifier):
    """Returns the loss function or object that a name, configuration, class or object means."""
    return resolve("loss", identifier, TABLE)


def serialize(loss):
    """Returns the configuration envelope of a loss."""
    from ..saving import serialize_keras_object

    return serialize_keras_object(loss)


def deserialize(name, custom_objects=None):
    """Returns the loss of a name or of a configuration envelope."""
    return resolve("loss", name, TABLE, custom_objects)


suggest_names(__name__)
