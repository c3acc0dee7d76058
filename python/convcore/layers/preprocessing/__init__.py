"""Layers that prepare inputs."""

from . import image_preprocessing
from .image_preprocessing import *  # noqa: F403
from .normalization import Normalization
from .pipeline import Pipeline
from .rescaling import Rescaling

__all__ = ["Normalization", "Pipeline", "Rescaling", *image_preprocessing.__all__]
