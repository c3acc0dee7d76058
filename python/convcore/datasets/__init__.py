"""Data sets: `digits` ships with the package, the others are read from local copies or downloaded."""

from ..core.suggestions import suggest_names
from . import cifar10, cifar100, digits, fashion_mnist, mnist

__all__ = ["cifar10", "cifar100", "digits", "fashion_mnist", "mnist"]

suggest_names(__name__)
