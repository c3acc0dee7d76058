"""What training asks of every kind of data."""

from typing import Any


class DataAdapter:
    """A source of batches.

    Attributes:
        batch_size: Samples per batch, or None if it is not known.
        num_batches: Batches per pass over the data, or None if it is not known.
        structure: For sources whose batches have one fixed structure, dtypes and sample shapes: that
            structure, and `batches` then yields flat lists of arrays in the order of its leaves. Otherwise
            None, and `batches` yields (x, y, sample_weight).
        repeatable: Whether another pass, from the same random state, yields the same batches.
    """

    batch_size: Any = None
    num_batches: Any = None
    structure: Any = None
    repeatable = True

    def batches(self):
        """A fresh iterator over one pass; None stands for data that is not there."""
        raise NotImplementedError

    def first_batch(self):
        """(x, y, sample_weight) of a batch like those to come, from which shapes and dtypes can be read."""
        raise NotImplementedError

    def on_epoch_begin(self):
        """Called before an epoch."""

    def on_epoch_end(self):
        """Called after an epoch."""
