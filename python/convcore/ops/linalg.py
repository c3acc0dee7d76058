"""``keras.ops.linalg``: the norm; NumPy has the decompositions of matrices."""

from .norms import norm

__all__ = ["norm"]
