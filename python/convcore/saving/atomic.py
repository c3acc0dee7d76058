"""Files appear whole or not at all: written beside their place, flushed to the disk, then renamed over it."""

import contextlib
import os
import sys


def check_overwrite(path, overwrite):
    """Returns whether `path` may be written; asks on a terminal, raises FileExistsError elsewhere."""
    if overwrite or not os.path.exists(path):
        return True
    if not sys.stdin or not sys.stdin.isatty():
        raise FileExistsError(
            f"{path}: expected no file there, because overwrite=False; received an existing file. "
            "Pass overwrite=True."
        )
    return input(f"{path} exists. Overwrite it? [y/n] ").strip().lower() == "y"


@contextlib.contextmanager
def atomic_write(path):
    """Yields a binary file; what is written to it becomes `path` when the block ends without an error."""
    import tempfile

    path = os.path.realpath(path)
    folder, name = os.path.split(path)
    if not os.path.isdir(folder):
        raise FileNotFoundError(
            f"{path}: expected an existing folder {folder}; received none. Create it first."
        )
    handle, temporary = tempfile.mkstemp(prefix=f".{name}.", suffix=".part", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, _mode(path))
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    _sync_folder(folder)


def _mode(path):
    """The permissions of the file that is replaced, else those a plain open() would give."""
    if os.path.exists(path):
        return os.stat(path).st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _sync_folder(folder):
    """Makes the rename itself durable, where the system lets folders be opened."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
