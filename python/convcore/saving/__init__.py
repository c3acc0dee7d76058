"""Saving and loading: `.keras` and `.weights.h5` files in Keras's own layout, `.convcore` files for programs
without Python, and objects as JSON.

Nothing from a file is imported, executed or used as a path; what a file may name is a closed table plus what
the user registered. h5py is loaded when a file is written, not before.
"""

from ..core.suggestions import missing_attribute
from .errors import ModelFormatError
from .registry import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from .serialization import deserialize_keras_object, serialize_keras_object

_FROM_FILES = ("save_model", "load_model", "save_weights", "load_weights", "model_to_json", "model_from_json")

_FROM_MODEL_FILE = ("ExportedModel", "export_model")


def __getattr__(name):
    if name in _FROM_FILES:
        from . import files

        return getattr(files, name)
    if name in _FROM_MODEL_FILE:
        from . import model_file

        return getattr(model_file, name)
    if name == "KerasFileEditor":
        from .file_editor import KerasFileEditor

        return KerasFileEditor
    raise missing_attribute(__name__, name)


__all__ = [
    "CustomObjectScope",
    "ExportedModel",
    "KerasFileEditor",
    "ModelFormatError",
    "custom_object_scope",
    "deserialize_keras_object",
    "export_model",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "load_model",
    "load_weights",
    "model_from_json",
    "model_to_json",
    "register_keras_serializable",
    "save_model",
    "save_weights",
    "serialize_keras_object",
]
