"""What is refused before a batch reaches the graph: arrays that are no numbers, empty, not finite, or of
unequal length.
"""

import numpy as np

from ... import _core
from ...core import tree
from ...core.arrays import as_array
from ...core.dtypes import is_float


def standardize(data, where, dtype=None):
    """The leaves of `data` as C-contiguous arrays of numbers with a batch axis; None stays."""
    if isinstance(data, list) and data and all_numbers(data):
        data = np.asarray(data)
    many = tree.is_nested(data)
    names = iter(leaf_names(data, where))
    return tree.map_structure(lambda leaf: leaf_array(leaf, next(names) if many else where, dtype), data)


def all_numbers(data):
    return all(all_numbers(item) if isinstance(item, list) else np.isscalar(item) for item in data)


def leaf_names(data, where):
    """One name per leaf, in the order in which `tree.map_structure` visits them."""
    if isinstance(data, dict):
        return [name for key in sorted(data) for name in leaf_names(data[key], f"{where}[{key!r}]")]
    if isinstance(data, list | tuple):
        return [name for i, item in enumerate(data) for name in leaf_names(item, f"{where}[{i}]")]
    return [where]


def leaf_array(leaf, where, dtype=None):
    if leaf is None:
        return None
    if isinstance(leaf, str | bytes) or not (hasattr(leaf, "__array__") or np.isscalar(leaf)):
        raise ValueError(
            f"{where}: Unrecognized data type {type(leaf).__name__}. Expected an array, or a list, tuple or "
            "dict of arrays."
        )
    array = as_array(leaf, where, dtype)
    if array.ndim == 1 and type(leaf).__module__.startswith("pandas."):  # a column, as in Keras
        array = array[:, None]
    if array.ndim == 0:
        raise ValueError(
            f"{where}: expected an array of at least rank 1, with a batch axis. Received: {leaf!r}"
        )
    check_finite(array, where)
    return array


def check_finite(array, where):
    """Raises ValueError at the first NaN or infinity."""
    if _core.all_finite(array) or not is_float(array.dtype.name):
        return
    flat = array.reshape(-1)
    bad = ~np.isfinite(flat)
    if bad.any():
        first = int(np.argmax(bad))
        position = tuple(int(i) for i in np.unravel_index(first, array.shape))
        raise ValueError(f"{where}: expected finite numbers. Received: {flat[first]} at position {position}")


def check_lengths(parts, where):
    """Raises ValueError unless all leaves of `parts`, a dict of name to data, have the same number of
    samples, at least
    one; returns that number."""
    sizes = {
        name: [len(leaf) for leaf in tree.flatten(data) if leaf is not None] for name, data in parts.items()
    }
    sizes = {name: lengths for name, lengths in sizes.items() if lengths}
    distinct = {length for lengths in sizes.values() for length in lengths}
    if len(distinct) > 1:
        listed = ", ".join(
            f"`{name}` sizes: {', '.join(map(str, lengths))}" for name, lengths in sizes.items()
        )
        raise ValueError(
            f"{where}: data cardinality is ambiguous. All arrays must have the same length. Received: "
            f"{listed}"
        )
    if not distinct:
        raise ValueError(f"{where}: no data. Expected at least one array in `x`.")
    (count,) = distinct
    if count == 0:
        raise ValueError(
            f"{where}: the arrays are empty. Expected at least one sample; received arrays of length 0."
        )
    return count


def check_label_range(labels, classes, ignore_class, where):
    """Raises ValueError if an integer label is outside [0, classes)."""
    low, high = labels.min(), labels.max()
    if low >= 0 and high < classes:
        return
    bad = (labels < 0) | (labels >= classes)
    if ignore_class is not None:
        bad &= labels != ignore_class
    if bad.any():
        position = tuple(int(i) for i in np.unravel_index(int(np.argmax(bad)), labels.shape))
        raise ValueError(
            f"{where}: expected class labels in [0, {classes}), as the model predicts {classes} classes. "
            f"Received: label {labels[position]} at position {position}"
        )
