"""State of the process that clear_session() starts afresh."""

from . import naming

_global: dict = {}


def global_object(key, make):
    """The process-wide object ``key``, made at first use and again after clear_session()."""
    if key not in _global:
        _global[key] = make()
    return _global[key]


def clear_session(free_memory=True):
    """Resets the automatic names and the global random generator."""
    naming.reset()
    _global.clear()
