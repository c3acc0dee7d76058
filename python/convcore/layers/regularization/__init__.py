"""Layers that act in training only, against overfitting."""

from .activity_regularization import ActivityRegularization
from .dropout import Dropout
from .spatial_dropout1d import SpatialDropout1D
from .spatial_dropout2d import SpatialDropout2D
from .spatial_dropout3d import SpatialDropout3D

__all__ = ["ActivityRegularization", "Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"]
