"""Downloads with a cache, a checksum and a progress display."""

import contextlib
import hashlib
import os
import sys
import urllib.error
import urllib.request

from ..saving.atomic import atomic_write

_BLOCK = 1 << 16


def cache_home():
    """The folder of the cache: `$CONVCORE_HOME`, else `$KERAS_HOME`, else `~/.keras`."""
    for name in ("CONVCORE_HOME", "KERAS_HOME"):
        if os.environ.get(name):
            return os.path.expanduser(os.environ[name])
    home = os.path.expanduser("~")
    return os.path.join(home if os.access(home, os.W_OK) else "/tmp", ".keras")


def get_file(
    fname=None,
    origin=None,
    *,
    file_hash=None,
    cache_subdir="datasets",
    hash_algorithm="auto",
    cache_dir=None,
    force_download=False,
):
    """Returns the path of a file in the cache, and downloads it first if it is missing or damaged.

    Args:
        fname: Name inside the cache folder; the last part of `origin` when None.
        origin: URL.
        file_hash: Expected SHA-256 or MD5 digest in hexadecimal; None checks nothing.
        cache_subdir: Folder below the cache home.
        hash_algorithm: "auto" (by length), "sha256" or "md5".
        cache_dir: The cache home; see `cache_home` for the default.
        force_download: Whether to download although a file is there.
    """
    if not origin:
        raise ValueError(f"get_file: argument `origin`: expected a URL; received {origin!r}")
    fname = fname or origin.rsplit("/", 1)[-1]
    if not fname or os.path.basename(fname) != fname or fname in (".", ".."):
        raise ValueError(f"get_file: argument `fname`: expected a plain file name; received {fname!r}")
    folder = os.path.join(cache_dir or cache_home(), cache_subdir)
    path = os.path.join(folder, fname)
    algorithm = _algorithm(hash_algorithm, file_hash)
    if os.path.exists(path) and not force_download:
        if file_hash is None or _digest(path, algorithm) == file_hash.lower():
            return path
        print(
            f"{path} does not have the expected {algorithm} digest and is downloaded again.", file=sys.stderr
        )
    os.makedirs(folder, exist_ok=True)
    _download(origin, path, algorithm, file_hash)
    return path


def _algorithm(name, file_hash):
    if name == "auto":
        return "md5" if file_hash is not None and len(file_hash) == 32 else "sha256"
    if name not in ("sha256", "md5"):
        raise ValueError(
            f"get_file: argument `hash_algorithm`: expected 'auto', 'sha256' or 'md5'; received {name!r}"
        )
    return name


def _digest(path, algorithm):
    digest = hashlib.new(algorithm, usedforsecurity=False)
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _download(origin, path, algorithm, file_hash):
    """Fetches `origin` into `path`; a failed or damaged download leaves what was there."""
    digest = hashlib.new(algorithm, usedforsecurity=False)
    try:
        with urllib.request.urlopen(origin, timeout=30) as response, atomic_write(path) as file:
            total = int(response.headers.get("Content-Length") or 0)
            with _progress(os.path.basename(path), total) as advance:
                while block := response.read(_BLOCK):
                    file.write(block)
                    digest.update(block)
                    advance(len(block))
            if file_hash is not None and digest.hexdigest() != file_hash.lower():
                raise ValueError(
                    f"get_file: expected {origin} to have the {algorithm} digest {file_hash}; "
                    f"received {digest.hexdigest()}. The download is damaged; nothing was stored."
                )
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        raise OSError(
            f"get_file: {origin} could not be downloaded ({error}). On a machine without a connection, "
            f"fetch that file elsewhere and put it at {path}"
            + (f" (its {algorithm} digest is {file_hash})." if file_hash is not None else ".")
        ) from error


@contextlib.contextmanager
def _progress(name, total):
    """Yields a function that is told the bytes as they arrive; a bar on a terminal, two lines elsewhere."""
    if not sys.stderr.isatty():
        print(f"Downloading {name}" + (f" ({total / 1e6:.1f} MB)" if total else ""), file=sys.stderr)
        yield lambda count: None
        print(f"Downloaded {name}", file=sys.stderr)
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(f"Downloading {name}", total=total or None)
        yield lambda count: progress.advance(task, count)
