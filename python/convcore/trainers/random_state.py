"""The random numbers of a run: their generators' states as plain data."""

import random

import numpy as np

from ..random import seed_generator


def capture():
    """The states of the generators that training draws from: Python's, NumPy's and convcore's own."""
    version, words, gauss = random.getstate()
    kind, keys, position, has_gauss, cached = np.random.get_state()
    return {
        "python": [version, np.asarray(words, "uint32"), gauss],
        "numpy": [kind, keys, position, has_gauss, cached],
        "convcore": seed_generator.global_seed_generator().state.numpy(),
    }


def restore(state):
    version, words, gauss = state["python"]
    random.setstate((version, tuple(int(word) for word in words), gauss))
    np.random.set_state(tuple(state["numpy"]))
    seed_generator.global_seed_generator().state.assign(state["convcore"])
