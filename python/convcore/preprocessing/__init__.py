"""The older path of helpers that are in `convcore.utils` too."""

from ..utils import image_dataset_from_directory
from . import image, sequence

__all__ = ["image", "image_dataset_from_directory", "sequence"]
