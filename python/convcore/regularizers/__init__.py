"""Regularizers: Keras's classes, names and `get` / `serialize` / `deserialize`."""

from ..core.suggestions import suggest_names
from ..core.table import Table
from .regularizers import L1, L1L2, L2, OrthogonalRegularizer, Regularizer

l1 = L1
l2 = L2
l1_l2 = L1L2
orthogonal_regularizer = OrthogonalRegularizer

_table = Table("regularizer", (L1, L1L2, L2, OrthogonalRegularizer), {"l1l2": L1L2, "l1_l2": L1L2})

get = _table.get
deserialize = _table.deserialize


def serialize(regularizer):
    """The envelope `{"module", "class_name", "config", "registered_name"}` (None for None)."""
    return _table.serialize(regularizer)


__all__ = [
    "L1",
    "L1L2",
    "L2",
    "OrthogonalRegularizer",
    "Regularizer",
    "deserialize",
    "get",
    "l1",
    "l1_l2",
    "l2",
    "orthogonal_regularizer",
    "serialize",
]

suggest_names(__name__)
