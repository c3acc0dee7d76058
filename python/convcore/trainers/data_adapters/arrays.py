"""Arrays in memory, cut into batches: slices without a copy, or shuffled samples gathered into reused
buffers.
"""

import math
from typing import Any

import numpy as np

from ...config import floatx
from ...core import tree
from . import checks
from .adapter import DataAdapter
from .packing import class_weight_to_sample_weights


class ArrayAdapter(DataAdapter):
    """Batches of arrays, or of lists and dicts of arrays.

    Args:
        x: Inputs.
        y: Targets, or None.
        sample_weight: Weights, or None.
        batch_size: 32 by default, or what `steps` demands.
        steps: Steps per epoch.
        shuffle: True for a new order of all samples in each pass, `"batch"` for one inside each batch.
        class_weight: Dict from class to weight.
        where: The call, for error messages.
    """

    def __init__(
        self,
        x,
        y=None,
        sample_weight=None,
        batch_size=None,
        steps=None,
        shuffle=False,
        class_weight=None,
        where="",
    ):
        if class_weight is not None and sample_weight is not None:
            raise ValueError(f"{where}: you cannot pass both `class_weight` and `sample_weight`.")
        x = checks.standardize(x, f"{where}: argument `x`")
        y = checks.standardize(y, f"{where}: argument `y`")
        sample_weight = checks.standardize(sample_weight, f"{where}: argument `sample_weight`", floatx())
        self.samples = checks.check_lengths({"x": x, "y": y, "sample_weight": sample_weight}, where)
        if class_weight is not None:
            sample_weight = class_weight_to_sample_weights(y, class_weight)
        check_weight_structure(y, sample_weight, where)
        self.data = (x, y, sample_weight)
        self.structure = tree.map_structure(lambda leaf: leaf is not None, self.data)
        self._arrays = [leaf for leaf in tree.flatten(self.data) if leaf is not None]
        if batch_size is None:
            batch_size = math.ceil(self.samples / steps) if steps else 32
        if not isinstance(batch_size, int | np.integer) or batch_size < 1:
            raise ValueError(
                f"{where}: `batch_size` must be a positive integer. Received: batch_size={batch_size!r}"
            )
        self.batch_size = int(batch_size)
        self.num_batches = math.ceil(self.samples / self.batch_size)
        self._shuffle = shuffle
        self._buffers: Any = None

    def batches(self):
        order = self._order()
        if order is None:
            return self._slices()
        if self._buffers is None:
            size = min(self.batch_size, self.samples)
            self._buffers = [np.empty((size, *array.shape[1:]), array.dtype) for array in self._arrays]
        return self._gathered(order)

    def _order(self):
        if not self._shuffle:
            return None
        if self._shuffle != "batch":
            return np.random.permutation(self.samples)
        order = np.arange(self.samples)
        for start in range(0, self.samples, self.batch_size):
            np.random.shuffle(order[start : start + self.batch_size])
        return order

    def _slices(self):
        for start in range(0, self.samples, self.batch_size):
            yield [array[start : start + self.batch_size] for array in self._arrays]

    def _gathered(self, order):
        # The buffers are overwritten by the next batch; mode "clip" spares np.take a buffer of its own.
        whole = self.samples - self.samples % self.batch_size
        pairs = list(zip(self._arrays, self._buffers, strict=True))
        for start in range(0, whole, self.batch_size):
            chosen = order[start : start + self.batch_size]
            for array, buffer in pairs:
                array.take(chosen, 0, buffer, "clip")
            yield self._buffers
        if whole < self.samples:
            yield [array.take(order[whole:], 0) for array in self._arrays]

    def pack(self, arrays):
        """(x, y, sample_weight) of a flat list of arrays."""
        iterator = iter(arrays)
        return tree.map_structure(lambda present: next(iterator) if present else None, self.structure)

    def first_batch(self):
        return self.pack([array[: self.batch_size] for array in self._arrays])


def check_weight_structure(y, sample_weight, where):
    """One weight array per output, or one for all with a weight per sample."""
    if sample_weight is None or not tree.is_nested(y):
        return
    if tree.is_nested(sample_weight):
        if len(tree.flatten(sample_weight)) != len(tree.flatten(y)):
            raise ValueError(
                f"{where}: `sample_weight` must hold one array per output in `y`. Received: "
                f"{len(tree.flatten(sample_weight))} arrays for {len(tree.flatten(y))} outputs."
            )
    elif sample_weight.ndim > 2 or (sample_weight.ndim == 2 and sample_weight.shape[1] != 1):
        raise ValueError(
            f"{where}: a single `sample_weight` array for several outputs must have one weight per sample, "
            "shape "
            f"({len(sample_weight)},). Received: shape {sample_weight.shape}"
        )


def split_validation(x, y, sample_weight, fraction, where):
    """The head of the data for training, and its tail for validation."""
    parts = {
        name: checks.standardize(data, f"{where}: argument `{name}`")
        for name, data in (("x", x), ("y", y), ("sample_weight", sample_weight))
    }
    if not 0 < fraction < 1:
        raise ValueError(
            f"{where}: `validation_split` must be between 0 and 1. Received: validation_split={fraction}"
        )
    samples = checks.check_lengths(parts, where)
    split = math.floor(samples * (1.0 - fraction))
    if split in (0, samples):
        raise ValueError(
            f"{where}: training data contains {samples} samples, which is not sufficient to split it into a "
            "validation and "
            f"training set as specified by `validation_split={fraction}`. Provide more data, or another "
            "value."
        )

    def cut(part):
        return tuple(
            tree.map_structure(lambda leaf: None if leaf is None else leaf[part], data)
            for data in parts.values()
        )

    return cut(slice(None, split)), cut(slice(split, None))
