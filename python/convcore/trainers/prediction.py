"""The loop of `predict`: outputs of all batches, joined."""

import numpy as np

from ..core import tree


def run(step, data, callbacks, model):
    """Runs a recorded step over all batches and concatenates its outputs along the batch axis. Callbacks are
    called for every `steps_per_execution` batches, with the outputs of these.
    """
    model.stop_predicting = False
    callbacks.on_predict_begin()
    group = Group(callbacks, model.steps_per_execution)
    for batch in data:
        group.begin()
        x = batch[0] if data.adapter.structure is None else data.adapter.pack(batch)[0]
        group.add(step(x))
        if group.full():
            group.end()
            if model.stop_predicting:
                break
    group.end()
    callbacks.on_predict_end()
    if not group.collected:
        raise ValueError("predict: no data. Expected at least one batch.")
    return group.joined(group.collected)


class Group:
    """The outputs so far, and how many batches the callbacks have seen of them."""

    def __init__(self, callbacks, size):
        self._callbacks = callbacks
        self._size = size
        self._first = 0  # the first batch of the present group
        self.collected = []
        self._structure = None

    def begin(self):
        if len(self.collected) == self._first:
            self._callbacks.on_predict_batch_begin(self._first)

    def add(self, outputs):
        self._structure = outputs
        self.collected.append(tree.flatten(outputs))

    def full(self):
        return len(self.collected) == self._first + self._size

    def end(self):
        outputs = self.collected[self._first :]
        if outputs:
            last = self._first + self._size - 1
            self._callbacks.on_predict_batch_end(last, {"outputs": self.joined(outputs)})
            self._first = len(self.collected)

    def joined(self, batches):
        """Batches of outputs as one structure of arrays."""
        leaves = [b[0] if len(b) == 1 else np.concatenate(b) for b in zip(*batches, strict=True)]
        return tree.pack_as(self._structure, leaves)
