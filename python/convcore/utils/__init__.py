"""Helpers: data preparation, downloads, model summaries, seeds."""

from ..core.session import clear_session
from ..random import set_random_seed
from ..trainers.data_adapters import PyDataset, pack_x_y_sample_weight, unpack_x_y_sample_weight
from .file_utils import get_file
from .numerical_utils import normalize, to_categorical
from .summary_utils import print_summary

Sequence = PyDataset  # its name in Keras 2

__all__ = [
    "PyDataset",
    "Sequence",
    "clear_session",
    "get_file",
    "normalize",
    "pack_x_y_sample_weight",
    "print_summary",
    "set_random_seed",
    "to_categorical",
    "unpack_x_y_sample_weight",
]
