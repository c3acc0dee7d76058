"""A limit on the memory of variables while a model is built from a file that may lie about sizes."""

import contextlib
import math
import threading

from . import dtypes

_state = threading.local()


class AllocationBudgetError(ValueError):
    """A variable would exceed the budget that is in force."""


@contextlib.contextmanager
def allocation_budget(nbytes, where):
    """Within the block new variables may take `nbytes` bytes in all; `where` names their origin."""
    outer = getattr(_state, "budget", None)
    _state.budget = [nbytes, where]
    try:
        yield
    finally:
        _state.budget = outer


def charge(path, shape, dtype):
    """Called before memory for a variable is taken."""
    budget = getattr(_state, "budget", None)
    if budget is None:
        return
    nbytes = math.prod(shape) * dtypes.numpy_dtype(dtype).itemsize
    if nbytes > budget[0]:
        raise AllocationBudgetError(
            f"{budget[1]}: variable {path!r}: expected sizes that the stored weights can fill; "
            f"received shape {tuple(shape)}, {nbytes} bytes"
        )
    budget[0] -= nbytes
