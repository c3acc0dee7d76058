"""Sources that hand out whole batches: PyDataset and generators. Every batch is checked as it comes."""

import collections
import itertools
import random
from collections.abc import Sized
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

from ...config import floatx
from . import checks
from .adapter import DataAdapter
from .packing import class_weight_to_sample_weights


def standardize_batch(batch, class_weight, where):
    """(x, y, sample_weight) of what a source returned for one batch, as arrays."""
    if isinstance(batch, list):
        batch = tuple(batch)
    if isinstance(batch, dict) or hasattr(batch, "__array__"):
        batch = (batch,)
    if not isinstance(batch, tuple) or not 1 <= len(batch) <= 3:
        raise ValueError(
            f"{where} must return a tuple, (inputs,), (inputs, targets) or (inputs, targets, "
            "sample_weights). "
            f"Received: {str(batch)[:100]} of type {type(batch).__name__}"
        )
    x, y, weight = batch + (None,) * (3 - len(batch))
    x, y = checks.standardize(x, f"{where}: inputs"), checks.standardize(y, f"{where}: targets")
    if class_weight is not None and y is not None:
        if weight is not None:
            raise ValueError(f"{where}: you cannot use `class_weight` with batches that have sample weights.")
        weight = class_weight_to_sample_weights(y, class_weight)
    weight = checks.standardize(weight, f"{where}: sample weights", floatx())
    checks.check_lengths({"inputs": x, "targets": y, "sample_weights": weight}, where)
    return x, y, weight


class PyDataset:
    """Base class of data that is made batch by batch, in Python.

    A subclass defines `__getitem__(i)`, which returns `(x,)`, `(x, y)` or `(x, y, sample_weight)` of batch i,
    and `__len__` or the property `num_batches` (None: endless). `on_epoch_begin` and `on_epoch_end` may be
    defined too.

    Args:
        workers: Number of threads that make batches ahead of time; 1 or less for none.
        use_multiprocessing: Accepted for Keras's signature; batches are always made in threads.
        max_queue_size: How many batches are made ahead of time.
    """

    def __init__(self, workers=1, use_multiprocessing=False, max_queue_size=10):
        self.workers = workers
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = max_queue_size

    def __getitem__(self, index):
        raise NotImplementedError(f"{type(self).__name__} must define __getitem__(index).")

    @property
    def num_batches(self):
        if hasattr(type(self), "__len__"):
            return len(cast(Sized, self))
        raise NotImplementedError(
            f"{type(self).__name__} must define __len__() or the property `num_batches`."
        )

    def on_epoch_begin(self):
        """Called before an epoch."""

    def on_epoch_end(self):
        """Called after an epoch."""


class PyDatasetAdapter(DataAdapter):
    """Batches of a PyDataset; shuffling permutes the batches."""

    def __init__(self, dataset, shuffle=False, class_weight=None):
        self._dataset = dataset
        self._shuffle = shuffle
        self._class_weight = class_weight
        self._where = f"{type(dataset).__name__}.__getitem__()"
        self._first = None
        if self.num_batches == 0:
            raise ValueError(f"The PyDataset {type(dataset).__name__} has length 0.")

    @property
    def num_batches(self):
        return self._dataset.num_batches

    def _make(self, index):
        return standardize_batch(self._dataset[index], self._class_weight, self._where)

    def batches(self):
        count = self.num_batches
        indices: Any = itertools.count() if count is None else list(range(count))
        if self._shuffle and count is not None:
            random.shuffle(indices)
        if getattr(self._dataset, "workers", 1) <= 1:
            return map(self._make, indices)
        return self._ahead(iter(indices))

    def _ahead(self, indices):
        """The batches in order, made by threads ahead of time."""
        depth = max(int(getattr(self._dataset, "max_queue_size", 10)), 1)
        pool = ThreadPoolExecutor(self._dataset.workers)
        try:
            waiting = collections.deque(pool.submit(self._make, i) for i in itertools.islice(indices, depth))
            while waiting:
                batch = waiting.popleft().result()
                waiting.extend(pool.submit(self._make, i) for i in itertools.islice(indices, 1))
                yield batch
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def first_batch(self):
        if self._first is None:
            self._first = self._make(0)
        return self._first

    def on_epoch_begin(self):
        self._dataset.on_epoch_begin()

    def on_epoch_end(self):
        self._dataset.on_epoch_end()


class GeneratorAdapter(DataAdapter):
    """Batches of a Python generator or iterator, which can be passed over once."""

    def __init__(self, generator):
        self._iterator = iter(generator)
        self._pending = list(itertools.islice(self._iterator, 1))
        if not self._pending:
            raise ValueError("The generator must yield at least one batch. Received an empty generator.")
        if not isinstance(self._pending[0], tuple | list):
            raise ValueError(
                "The generator must yield tuples, (inputs,), (inputs, targets) or (inputs, targets, "
                "sample_weights). "
                f"Received: {type(self._pending[0]).__name__}"
            )

    def batches(self):
        while True:
            batch = self._pending.pop() if self._pending else next(self._iterator, None)
            if batch is None:
                return
            yield standardize_batch(batch, None, "The generator")

    def first_batch(self):
        return standardize_batch(self._pending[0], None, "The generator")
