"""What `autotune` measured, in a file from one process to the next.

The file is `autotune.json` in `$XDG_CACHE_HOME/convcore` (`~/.cache/convcore`), or `$CONVCORE_AUTOTUNE_FILE`.
It may be deleted at any time. Measurements of another version of this library or of another instruction set
are not used.
"""

import contextlib
import os

from .. import _core


def path():
    """Where measurements are kept."""
    if given := os.environ.get("CONVCORE_AUTOTUNE_FILE"):
        return given
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(cache, "convcore", "autotune.json")


def load(version):
    """Hands the file's measurements to the core, if there are any. A file that cannot be read gives a
    warning: without it everything works as before it was written.
    """
    if not os.path.exists(path()):
        return
    choices = _read().get(_key(version), {})
    if choices:
        _core.set_choices(choices)


def add(measured, version):
    """Adds measured choices, a dict from problem to implementation, to those in use and to the file."""
    import json

    from ..saving.atomic import atomic_write

    choices = _core.choices() | measured
    _core.set_choices(choices)
    content = _read() | {_key(version): choices}
    os.makedirs(os.path.dirname(os.path.abspath(path())), exist_ok=True)
    with atomic_write(path()) as file:
        file.write(json.dumps(content, indent=1, sort_keys=True).encode())


def forget():
    """Measurements are used no more, and their file is deleted."""
    _core.set_choices({})
    with contextlib.suppress(FileNotFoundError):
        os.remove(path())


def _key(version):
    return f"{version} {_core.isa()}"


def _read():
    import json
    import warnings

    try:
        with open(path(), encoding="utf-8") as file:
            content = json.load(file)
        if not _is_content(content):
            raise ValueError("expected a dict of dicts of texts")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        warnings.warn(f"autotune: {path()} is not used: {error}. Delete it.", stacklevel=4)
        return {}
    return content


def _is_content(content):
    return isinstance(content, dict) and all(
        isinstance(choices, dict) and all(isinstance(name, str) for name in choices.values())
        for choices in content.values()
    )
