"""The loop of `predict`: outputs of all batches, joined."""

import numpy as np

from ..core import tree


def run(step, data, callbacks, model):
    """Runs a recorded step over all batches and concatenates its outputs along the batch axis."""
    model.stop_training = False
    callbacks.on_predict_begin()
    fixed = data.adapter.structure is not None
    collected, structure = [], None
    for number, batch in enumerate(data):
        callbacks.on_predict_batch_begin(number)
        x = data.adapter.pack(batch)[0] if fixed else batch[0]
        structure = step(x)
        collected.append(tree.flatten(structure))
        callbacks.on_predict_batch_end(number, {"outputs": structure})
        if model.stop_training:
            break
    callbacks.on_predict_end()
    if structure is None:
        raise ValueError("predict: no data. Expected at least one batch.")
    joined = [
        leaves[0] if len(leaves) == 1 else np.concatenate(leaves) for leaves in zip(*collected, strict=True)
    ]
    return tree.pack_as(structure, joined)
