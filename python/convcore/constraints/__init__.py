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
serialize = _table.serialize
deserialize = _table.deserialize

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
