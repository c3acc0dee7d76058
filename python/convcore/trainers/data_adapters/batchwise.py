"""Sources that hand out whole batches: PyDataset and generators. Every batch is checked as it comes."""

import collections
import contextlib
import itertools
import random
from collections.abc import Sized
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
        workers: Number of threads or processes that make batches ahead of time; with 1 or less, and without
            `use_multiprocessing`, batches are made between the steps.
        use_multiprocessing: Whether to make batches in processes instead of threads, for Python code that
            holds the interpreter's lock. Each process has a copy of the dataset, made (or pickled, as the
            system's way of starting processes demands) at the beginning of a pass.
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

    def __iter__(self):
        """The batches of one pass; without end if their number is not known."""
        try:
            count = self.num_batches
        except NotImplementedError:
            count = None
        for index in itertools.count() if count is None else range(count):
            yield self[index]

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
        if getattr(self._dataset, "workers", 1) <= 1 and not getattr(
            self._dataset, "use_multiprocessing", False
        ):
            return map(self._make, indices)
        return self._ahead(iter(indices))

    def _ahead(self, indices):
        """The batches in order, made ahead of time by threads or processes."""
        depth = max(int(getattr(self._dataset, "max_queue_size", 10)), 1)
        with self._pool() as submit:
            waiting = collections.deque(submit(i) for i in itertools.islice(indices, depth))
            while waiting:
                batch = waiting.popleft().result()
                waiting.extend(submit(i) for i in itertools.islice(indices, 1))
                yield batch

    @contextlib.contextmanager
    def _pool(self):
        """A function that has the batch of a number made by another thread or process."""
        from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor

        workers = max(int(self._dataset.workers), 1)
        pool: Executor
        if getattr(self._dataset, "use_multiprocessing", False):
            maker = (self._dataset, self._class_weight, self._where)
            pool = ProcessPoolExecutor(workers, initializer=remember_maker, initargs=maker)
            make: Any = make_in_process
        else:
            pool, make = ThreadPoolExecutor(workers), self._make
        try:
            yield lambda i: pool.submit(make, i)
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


_maker: Any = None  # in a worker process: dataset, class weights, name for messages


def remember_maker(*maker):
    global _maker
    _maker = maker


def make_in_process(index):
    dataset, class_weight, where = _maker
    return standardize_batch(dataset[index], class_weight, where)
