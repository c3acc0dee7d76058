"""Core layers; the ones that older imports expect here (`layers.core`) are exported too."""

from ..activations.activation import Activation
from ..regularization.activity_regularization import ActivityRegularization
from ..regularization.dropout import Dropout
from ..reshaping.flatten import Flatten
from ..reshaping.permute import Permute
from ..reshaping.repeat_vector import RepeatVector
from ..reshaping.reshape import Reshape
from .dense import Dense
from .einsum_dense import EinsumDense
from .embedding import Embedding
from .identity import Identity
from .input_layer import Input, InputLayer
from .lambda_layer import Lambda
from .masking import Masking
from .time_distributed import TimeDistributed
from .wrapper import Wrapper

__all__ = [
    "Activation",
    "ActivityRegularization",
    "Dense",
    "Dropout",
    "EinsumDense",
    "Embedding",
    "Flatten",
    "Identity",
    "Input",
    "InputLayer",
    "Lambda",
    "Masking",
    "Permute",
    "RepeatVector",
    "Reshape",
    "TimeDistributed",
    "Wrapper",
]
