"""Helpers: data preparation, downloads, model summaries, seeds."""

from ..core.session import clear_session
from ..random import set_random_seed
from .file_utils import get_file
from .numerical_utils import normalize, pack_x_y_sample_weight, to_categorical, unpack_x_y_sample_weight
from .summary_utils import print_summary

__all__ = [
    "clear_session",
    "get_file",
    "normalize",
    "pack_x_y_sample_weight",
    "print_summary",
    "set_random_seed",
    "to_categorical",
    "unpack_x_y_sample_weight",
]
