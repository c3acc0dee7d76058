"""Variables whose values a file brings: drawing random ones first would cost time and memory for nothing."""

import contextlib
import threading

_state = threading.local()


@contextlib.contextmanager
def late_values():
    """Within the block random initializers are put off: variables are zero. Those that nobody has assigned at
    its end get their values then.
    """
    outer = getattr(_state, "pending", None)
    pending = _state.pending = []
    try:
        yield
    finally:
        _state.pending = outer
    for variable, initializer in pending:
        if variable.is_late:
            variable.assign(initializer(variable.shape, dtype=variable.dtype))


def puts_off(initializer):
    """Whether a variable with this initializer begins with zeros here."""
    return getattr(_state, "pending", None) is not None and getattr(initializer, "draws", False)


def expect(variable, initializer):
    """Notes a variable that began with zeros."""
    variable.is_late = True
    _state.pending.append((variable, initializer))
