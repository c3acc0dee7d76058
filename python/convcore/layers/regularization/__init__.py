"""Layers that act in training only, against overfitting."""

from .activity_regularization import ActivityRegularization
from .dropout import Dropout

__all__ = ["ActivityRegularization", "Dropout"]
