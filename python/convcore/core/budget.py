"""Limits on variables and recorded nodes while a model is built from a file that may lie about sizes."""

import contextlib
import math
import threading

from . import dtypes

_state = threading.local()


_NODES = 20_000  # a network of a thousand layers needs a quarter of it


class AllocationBudgetError(ValueError):
    """A variable or node would exceed the budget that is in force."""


@contextlib.contextmanager
def allocation_budget(nbytes, where):
    """Within the block new variables may take `nbytes` bytes in all, and layers record what so many may need;
    `where` names their origin.
    """
    outer = getattr(_state, "budget", None)
    _state.budget = [nbytes, where, _NODES + nbytes // 2000]
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


def charge_node(op):
    """Called before a layer records an operation."""
    budget = getattr(_state, "budget", None)
    if budget is None:
        return
    budget[2] -= 1
    if budget[2] < 0:
        raise AllocationBudgetError(
            f"{budget[1]}: expected a model of less than {_NODES} operations; received one more, {op!r}. "
            "A number of repetitions may be too large."
        )
