"""Constraints: Keras's classes, names and `get` / `serialize` / `deserialize`."""

from ..core.suggestions import suggest_names
from ..core.table import Table
from .constraints import Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm

max_norm = MaxNorm
min_max_norm = MinMaxNorm
non_neg = NonNeg
unit_norm = UnitNorm

_table = Table("constraint", (MaxNorm, MinMaxNorm, NonNeg, UnitNorm))

get = _table.get
deserialize = _table.deserialize


def serialize(constraint):
    """The envelope `{"module", "class_name", "config", "registered_name"}` (None for None)."""
    return _table.serialize(constraint)


__all__ = [
    "Constraint",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "UnitNorm",
    "deserialize",
    "get",
    "max_norm",
    "min_max_norm",
    "non_neg",
    "serialize",
    "unit_norm",
]

suggest_names(__name__)
