"""Training: compile, fit, evaluate and predict for every model."""

from .trainer import Trainer

__all__ = ["Trainer"]
