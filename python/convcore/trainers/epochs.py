"""Passes over the data: how many steps an epoch has, and what happens when the data ends."""

import warnings
from typing import Any


class Epochs:
    """Hands out the batches of one epoch after the other.

    With `steps` an epoch ends after that many batches and the next one continues where it stopped.

    Args:
        adapter: The data.
        steps: Steps per epoch, or None for one pass over the data.
    """

    def __init__(self, adapter, steps=None):
        self.adapter = adapter
        self.steps = steps
        self._known = adapter.num_batches
        self._iterator: Any = None
        self._seen = 0

    @property
    def num_batches(self):
        """Steps per epoch, or None while it is not known."""
        return self.steps or self._known

    def __iter__(self):
        """The batches of the next epoch."""
        self.adapter.on_epoch_begin()
        try:
            yield from self._epoch()
        finally:
            self.adapter.on_epoch_end()

    def _epoch(self):
        if self._iterator is None or self.steps is None:
            self._restart()
        done = 0
        while self.num_batches is None or done < self.num_batches:
            exhausted = self._known is not None and self._seen >= self._known
            batch = None if exhausted else next(self._iterator, None)
            if batch is None:
                self._ran_out(exhausted)
                return
            self._seen += 1
            done += 1
            yield batch
        if self._known is not None and self._seen >= self._known:
            self._iterator = None

    def reset(self):
        """The next epoch begins at the start of the data."""
        self._iterator = None

    def _restart(self):
        self._iterator = iter(self.adapter.batches())
        self._seen = 0

    def _ran_out(self, expected):
        if self.steps:
            warnings.warn(
                "Your input ran out of data; interrupting training. Make sure that your dataset or generator "
                "can generate "
                "at least `steps_per_epoch * epochs` batches.",
                stacklevel=5,
            )
        if self._known is None and not self.steps:
            self._known = self._seen
        self._iterator = None
