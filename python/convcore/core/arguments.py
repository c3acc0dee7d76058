"""Checks of constructor arguments that layers share."""

import numpy as np

from .. import config


def standardize_tuple(value, n, name, allow_zero=False):
    """An int, or a tuple or list of exactly ``n`` ints, as a tuple of ``n`` ints > 0 (>= 0 with
    ``allow_zero``).
    """
    rule = ">= 0" if allow_zero else "> 0"
    items = tuple(value.tolist()) if isinstance(value, np.ndarray) and value.ndim else value
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
        items = (value,) * n
    valid = isinstance(items, (list, tuple)) and len(items) == n
    if not valid or any(not isinstance(v, (int, np.integer)) or isinstance(v, bool) for v in items):
        raise ValueError(
            f"argument `{name}`: expected an integer or a tuple of {n} integers {rule}; received {value!r}"
        )
    bad = [int(v) for v in items if v < 0 or (v == 0 and not allow_zero)]
    if bad:
        raise ValueError(
            f"The `{name}` argument must be a tuple of {n} integers. Received {name}={value!r}, including "
            f"values {set(bad)} that do not satisfy `value {rule}`; expected an integer or such a tuple"
        )
    return tuple(int(v) for v in items)


def repeated(value, n):
    """An int ``n`` times, or the ints of a sequence, as a list; what an op checks itself."""
    return [int(value)] * n if isinstance(value, (int, np.integer)) else [int(v) for v in value]


def standardize_padding(value, allowed=("valid", "same")):
    """A padding word in lower case, one of ``allowed``."""
    word = value.lower() if isinstance(value, str) else value
    if word not in allowed:
        raise ValueError(f"argument `padding`: expected one of {tuple(allowed)}; received {value!r}")
    return word


def standardize_data_format(value):
    """``channels_last`` or ``channels_first`` in any letter case; None means the global setting."""
    if value is None:
        return config.image_data_format()
    word = value.lower() if isinstance(value, str) else value
    if word not in ("channels_last", "channels_first"):
        raise ValueError(
            f"argument `data_format`: expected 'channels_last' or 'channels_first'; received {value!r}"
        )
    return word


def positive_int(value, name, owner=""):
    """``value`` if it is an int > 0; else ValueError."""
    where = f"{owner}: " if owner else ""
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value <= 0:
        raise ValueError(
            f"{where}Invalid value for argument `{name}`. Expected a strictly positive value. Received "
            f"{name}={value!r}. `{name}` must be a positive integer."
        )
    return int(value)
