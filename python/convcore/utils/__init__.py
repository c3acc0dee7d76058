"""Helpers: data preparation, downloads, model summaries, seeds."""

import importlib

from ..config import (
    disable_interactive_logging,
    enable_interactive_logging,
    is_interactive_logging_enabled,
)
from ..core.session import clear_session
from ..core.suggestions import missing_attribute
from ..random import set_random_seed
from ..trainers.data_adapters import PyDataset, pack_x_y_sample_weight, unpack_x_y_sample_weight
from . import bounding_boxes
from .dataset_utils import split_dataset
from .file_utils import get_file
from .graph_utils import get_source_inputs
from .image_dataset_utils import image_dataset_from_directory
from .image_utils import array_to_img, img_to_array, load_img, save_img
from .numerical_utils import normalize, to_categorical
from .progbar import Progbar
from .sequence_utils import pad_sequences
from .summary_utils import print_summary

Sequence = PyDataset  # its name in Keras 2

# Loaded at first use: what few programs need, and what Keras has both here and elsewhere.
_LATER = {
    "Config": "utils.config",
    "model_to_dot": "utils.model_visualization",
    "plot_model": "utils.model_visualization",
    "CustomObjectScope": "saving",
    "custom_object_scope": "saving",
    "deserialize_keras_object": "saving",
    "get_custom_objects": "saving",
    "get_registered_name": "saving",
    "get_registered_object": "saving",
    "register_keras_serializable": "saving",
    "serialize_keras_object": "saving",
    "is_keras_tensor": "backend",
    "standardize_dtype": "backend",
}


def __getattr__(name):
    if name in _LATER:
        return getattr(importlib.import_module(f"convcore.{_LATER[name]}"), name)
    raise missing_attribute(__name__, name)


__all__ = [
    "Config",
    "Progbar",
    "PyDataset",
    "Sequence",
    "array_to_img",
    "bounding_boxes",
    "clear_session",
    "disable_interactive_logging",
    "enable_interactive_logging",
    "get_file",
    "get_source_inputs",
    "image_dataset_from_directory",
    "img_to_array",
    "is_interactive_logging_enabled",
    "load_img",
    "model_to_dot",
    "normalize",
    "pack_x_y_sample_weight",
    "pad_sequences",
    "plot_model",
    "print_summary",
    "save_img",
    "set_random_seed",
    "split_dataset",
    "to_categorical",
    "unpack_x_y_sample_weight",
]
