"""What the tests of optimizers share: a variable, gradients, and a run over them."""

import numpy as np
from convcore import Variable
from convcore.core.trace import TracedFunction

RNG = np.random.default_rng(3)
START = RNG.normal(size=(4, 3))
GRADIENTS = RNG.normal(size=(7, 4, 3))


def variable(value=START, name="kernel"):
    return Variable(np.asarray(value, "float32"), name=name)


def run(optimizer, gradients=GRADIENTS, recorded=False, w=None):
    """The variable after applying the gradients one after the other."""
    w = variable() if w is None else w
    optimizer.build([w])

    def apply(g):
        optimizer.apply([g], [w])
        return w.value

    step = TracedFunction(apply, dynamic_batch=False) if recorded else apply
    for g in gradients:
        step(np.asarray(g, "float32"))
    return w.numpy()
