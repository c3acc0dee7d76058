"""SeedGenerator: a (2,) state [seed, counter] that moves on by one per draw, so draws repeat from a seed
alone.
"""

import numpy as np

from ..core import naming
from ..core.scope import name_scope
from ..core.session import global_object
from ..core.variable import Variable


def make_default_seed():
    """A fresh seed; set_random_seed() fixes the sequence."""
    import random as python_random

    return python_random.randint(1, 10**9)


class SeedGenerator:
    """The state of a random stream.

    Args:
        seed: An integer >= 0; None draws one.
    """

    def __init__(self, seed=None, name=None, **kwargs):
        if kwargs:
            raise ValueError(f"SeedGenerator: Unrecognized keyword arguments: {sorted(kwargs)}")
        seed = make_default_seed() if seed is None else seed
        if not isinstance(seed, (int, np.integer)) or isinstance(seed, bool) or not 0 <= seed < 2**32:
            raise ValueError(
                "SeedGenerator: Argument `seed` must be an integer between 0 and 2**32 - 1. Received: "
                f"seed={seed!r}"
            )
        self.name = name or naming.auto_name(type(self).__name__)
        self._initial_seed = int(seed)
        start = np.asarray([seed, 0], "uint32")
        with name_scope(self.name.replace("/", ">")):
            self.state = Variable(start, dtype="uint32", trainable=False, name="seed_generator_state")

    def next(self, ordered=True):
        """The present state; the counter moves on."""
        state = self.state.value
        if isinstance(state, np.ndarray):
            state = state.copy()
        self.state.assign(state + np.asarray([0, 1], "uint32"))
        return state

    def get_config(self):
        return {"seed": self._initial_seed}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def global_seed_generator():
    """The generator of draws that are given no seed."""
    return global_object("seed_generator", SeedGenerator)


def draw_seed(seed):
    """The (2,) state for one draw from an integer, a SeedGenerator or None (the global generator)."""
    if isinstance(seed, SeedGenerator):
        return seed.next()
    if isinstance(seed, (int, np.integer)) and not isinstance(seed, bool):
        return np.asarray([int(seed) % 2**32, 0], "uint32")
    if seed is None:
        return global_seed_generator().next()
    raise ValueError(
        f"Argument `seed` must be either an integer, a SeedGenerator or None. Received: seed={seed!r}"
    )


def set_random_seed(seed):
    """Seeds Python's and NumPy's generators and convcore's own, from which default seeds come."""
    if not isinstance(seed, (int, np.integer)) or isinstance(seed, bool):
        raise ValueError(f"set_random_seed: expected an integer; received {seed!r}")
    import random as python_random

    python_random.seed(int(seed))
    np.random.seed(int(seed) % 2**32)
    generator = global_object("seed_generator", lambda: SeedGenerator(0))
    generator.state.assign(np.asarray([int(seed) % 2**32, 0], "uint32"))
