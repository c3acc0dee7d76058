"""Passes over the data: how many steps an epoch has, and what happens when the data ends."""

import itertools
import warnings
from typing import Any

from .. import config
from . import random_state


def _limited(steps, known):
    """`steps`, or what `config.set_max_steps_per_epoch` allows, if that is less."""
    limit = config.max_steps_per_epoch()
    planned = steps or known
    return limit if limit and (planned is None or limit < planned) else steps


class Epochs:
    """Hands out the batches of one epoch after the other.

    With `steps` an epoch ends after that many batches and the next one continues where it stopped.

    Args:
        adapter: The data.
        steps: Steps per epoch, or None for one pass over the data.
        group: Steps between two calls of batch callbacks. As in Keras, `steps` is rounded up to whole groups.
    """

    def __init__(self, adapter, steps=None, group=1):
        self.adapter = adapter
        self._known = adapter.num_batches
        self.steps = _limited(steps, self._known)
        self._group = group
        self._iterator: Any = None
        self._seen = 0  # batches of this pass over the data
        self.done = 0  # batches of this epoch
        self._resumed = False
        self._random: Any = None  # at the start of this pass

    @property
    def num_batches(self):
        """Steps per epoch, or None while it is not known."""
        return self.steps or self._known

    @property
    def upcoming(self):
        """The number of the next epoch's first batch: 0, unless it is resumed in the middle."""
        return self.done if self._resumed else 0

    def __iter__(self):
        """The batches of the next epoch."""
        self.adapter.on_epoch_begin()
        try:
            yield from self._epoch()
        finally:
            self.adapter.on_epoch_end()

    def _epoch(self):
        if self._resumed:
            self._resumed = False
        else:
            self.done = 0
            if self._iterator is None or self.steps is None:
                self._restart()
        end = self.num_batches
        if self.steps:
            end = -(-self.steps // self._group) * self._group
        while end is None or self.done < end:
            exhausted = self._known is not None and self._seen >= self._known
            batch = None if exhausted else next(self._iterator, None)
            if batch is None:
                self._ran_out(exhausted)
                return
            self._seen += 1
            self.done += 1
            yield batch
        if self._known is not None and self._seen >= self._known:
            self._iterator = None

    def reset(self):
        """The next epoch begins at the start of the data."""
        self._iterator = None

    def position(self, within):
        """Where it stands, `within` an epoch or between two: the random state that the order of this pass was
        drawn from, the batches of the pass and of the epoch; None if the next epoch starts a new pass.
        """
        if not within and (self._iterator is None or self.steps is None):
            return None
        return {"random": self._random, "seen": self._seen, "done": self.done if within else None}

    def restore(self, position):
        """Goes on from a position. A generator cannot be wound back: it goes on with what it yields next."""
        self._iterator = None
        if position is None:
            return
        random_state.restore(position["random"])
        self._restart()
        if self.adapter.repeatable:
            self._seen = sum(1 for _ in itertools.islice(self._iterator, position["seen"]))
        if position["done"] is not None:
            self.done, self._resumed = position["done"], True

    def _restart(self):
        self._random = random_state.capture()
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


def due(epoch, frequency):
    """Whether to validate after this epoch (counted from 0)."""
    if isinstance(frequency, int):
        return (epoch + 1) % frequency == 0
    return epoch + 1 in frequency
