"""Sources that are iterated over: generators, once, and iterables, which start again with every pass."""

import itertools
from collections.abc import Iterator

from .adapter import DataAdapter
from .batchwise import standardize_batch


class IterableAdapter(DataAdapter):
    """Batches of any iterable of `(x,)`, `(x, y)` or `(x, y, sample_weight)`: a Python generator or iterator,
    or an object that starts anew with each `iter()`, such as a data loader; its `len()`, if it has one, is
    the number of batches.
    """

    def __init__(self, iterable, class_weight=None):
        self._iterable = iterable
        self._class_weight = class_weight
        self.repeatable = not isinstance(iterable, Iterator)
        self._where = "The generator" if not self.repeatable else f"The {type(iterable).__name__}"
        self._iterator = iter(iterable)
        self._pending = list(itertools.islice(self._iterator, 1))
        if not self._pending:
            raise ValueError(f"{self._where} must yield at least one batch. Received an empty one.")
        first = self._pending[0]
        # As in Keras a generator must say what it yields; a loader may yield inputs alone.
        alone = self.repeatable and (isinstance(first, dict) or hasattr(first, "__array__"))
        if not isinstance(first, tuple | list) and not alone:
            raise ValueError(
                f"{self._where} must yield tuples, (inputs,), (inputs, targets) or (inputs, targets, "
                f"sample_weights). Received: {type(first).__name__}"
            )

    @property
    def num_batches(self):
        if not hasattr(type(self._iterable), "__len__"):
            return None
        try:
            return len(self._iterable)
        except (
            TypeError
        ):  # tf.data's and PyTorch's way to say that a source of unknown or infinite length has none
            return None

    def batches(self):
        """The first pass goes on behind the batch that was looked at."""
        if self.repeatable and self._iterator is None:
            self._iterator = iter(self._iterable)
        iterator = itertools.chain(self._drain(), self._iterator)
        if self.repeatable:
            self._iterator = None
        return (standardize_batch(batch, self._class_weight, self._where) for batch in iterator)

    def _drain(self):
        while self._pending:
            self._first = self._pending[0]
            yield self._pending.pop()

    def first_batch(self):
        first = self._pending[0] if self._pending else self._first
        return standardize_batch(first, self._class_weight, self._where)
