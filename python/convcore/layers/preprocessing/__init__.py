"""Layers that prepare inputs."""

from .rescaling import Rescaling

__all__ = ["Rescaling"]
