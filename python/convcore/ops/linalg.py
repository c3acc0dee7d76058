"""``keras.ops.linalg``: the norm; NumPy has the decompositions of matrices."""

from .reductions import norm

__all__ = ["norm"]
