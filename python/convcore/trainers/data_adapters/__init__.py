"""The kinds of data that training takes, behind one interface."""

import warnings
from collections.abc import Iterator

from .adapter import DataAdapter
from .arrays import ArrayAdapter, split_validation
from .batchwise import PyDataset, PyDatasetAdapter
from .iterables import IterableAdapter
from .packing import class_weight_to_sample_weights, pack_x_y_sample_weight, unpack_x_y_sample_weight

__all__ = [
    "ArrayAdapter",
    "DataAdapter",
    "IterableAdapter",
    "PyDataset",
    "PyDatasetAdapter",
    "class_weight_to_sample_weights",
    "get_adapter",
    "is_batch_source",
    "pack_x_y_sample_weight",
    "split_validation",
    "unpack_x_y_sample_weight",
]


def is_batch_source(x):
    """Whether `x` brings its own batches, targets and weights: a PyDataset, or an iterable that is no array,
    list or dict.
    """
    if isinstance(x, PyDataset) or (hasattr(x, "num_batches") and hasattr(x, "__getitem__")):
        return True
    return hasattr(x, "__iter__") and not (
        isinstance(x, list | tuple | dict | str | bytes) or hasattr(x, "__array__")
    )


def get_adapter(x, y, sample_weight, batch_size, steps, shuffle, class_weight, where):
    """The adapter for this data."""
    if isinstance(x, DataAdapter):
        return x
    if not is_batch_source(x):
        return ArrayAdapter(x, y, sample_weight, batch_size, steps, shuffle, class_weight, where)
    kind = type(x).__name__
    for name, value in (("y", y), ("sample_weight", sample_weight)):
        if value is not None:
            raise ValueError(
                f"{where}: When providing `x` as a {kind}, `{name}` should not be passed: each batch brings "
                "its own."
            )
    if isinstance(x, PyDataset) or not hasattr(x, "__iter__"):
        return PyDatasetAdapter(x, shuffle, class_weight)
    if class_weight is not None and isinstance(x, Iterator):
        raise ValueError(f"{where}: `class_weight` is not supported when `x` is a {kind}.")
    if shuffle and shuffle is not True:
        warnings.warn(f"`shuffle={shuffle!r}` was passed, but is ignored for a {kind}.", stacklevel=4)
    return IterableAdapter(x, class_weight)
