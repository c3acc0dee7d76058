"""Per-thread state of a running call: the traces being recorded, the name scopes and the enclosing layer
call.
"""

import itertools
import threading


class _State(threading.local):
    def __init__(self):
        self.traces = []
        self.path = []
        self.scope = None  # the innermost name_scope
        self.call = None


state = _State()
_versions = itertools.count(1)
_structure_version = 0


def current_trace():
    """The innermost trace of this thread that is being recorded, or None."""
    traces = state.traces
    return traces[-1] if traces else None


class no_trace:
    """Suspends recording: inside, operations and variables are concrete (used while weights are created)."""

    def __enter__(self):
        state.traces.append(None)

    def __exit__(self, *exc_info):
        state.traces.pop()


class name_scope:
    """Prefixes the paths of variables and layers created inside with ``name/``.

    Args:
        name: A string without "/".
        caller: Whose scope it is; with ``deduplicate`` a scope that equals the one around it in caller and
            name adds nothing to the path.
        override_parent: A path that replaces that of the scopes around.

    Raises:
        ValueError: for another name.
    """

    def __init__(self, name, caller=None, deduplicate=True, override_parent=None):
        if not isinstance(name, str) or "/" in name:
            raise ValueError(
                f"name_scope: argument `name` must be a string and cannot contain '/'; received {name!r}"
            )
        self.name, self.caller, self.override_parent = name, caller, override_parent
        self.deduplicate = deduplicate and caller is not None

    def __enter__(self):
        self._saved = state.path, state.scope
        around = state.scope
        if self.deduplicate and around and around.caller is self.caller and around.name == self.name:
            return self
        path = state.path if self.override_parent is None else self.override_parent.strip("/").split("/")
        state.path, state.scope = [*path, self.name], self
        return self

    def __exit__(self, *exc_info):
        state.path, state.scope = self._saved


class absolute_scope:
    """Replaces the whole scope path: a layer that knows its path keeps it wherever it is called from."""

    def __init__(self, path):
        self._path = [path] if path else []

    def __enter__(self):
        self._saved = state.path, state.scope
        state.path, state.scope = self._path, None
        return self

    def __exit__(self, *exc_info):
        state.path, state.scope = self._saved


def current_path():
    """The current scopes joined by ``/``; empty at the top."""
    return "/".join(state.path)


class CallContext:
    """What an enclosing layer call hands down to the layers it calls, and to the variables that they read:
    ``autocast`` is the float dtype that these are read in, None for their own.
    """

    __slots__ = ("autocast", "entry_layer", "training")

    def __init__(self, entry_layer, training=None, autocast=None):
        self.entry_layer = entry_layer
        self.training = training
        self.autocast = autocast


def autocast_dtype():
    """The dtype that float variables are read in while a layer call is recorded, or None for their own."""
    call = state.call
    return None if call is None or current_trace() is None else call.autocast


def structure_version():
    """A number that moves on when a built layer is reconfigured, so that recorded functions are recorded
    again.
    """
    return _structure_version


def structure_changed():
    """Makes every traced function record again; ignored while recording, where attributes change freely."""
    global _structure_version
    if not any(state.traces):
        _structure_version = next(_versions)
