"""Data sets: `digits` ships with the package, `mnist` is read from a local copy or downloaded."""

from . import digits, mnist

__all__ = ["digits", "mnist"]
