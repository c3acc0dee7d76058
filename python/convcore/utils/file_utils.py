"""Downloads with a cache, a checksum and a progress display."""

import contextlib
import hashlib
import os
import shutil
import sys
import tarfile
import tempfile
import urllib.error
import urllib.parse
import urllib.request
import zipfile

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
    untar=False,
    md5_hash=None,
    file_hash=None,
    cache_subdir="datasets",
    hash_algorithm="auto",
    extract=False,
    archive_format="auto",
    cache_dir=None,
    force_download=False,
):
    """Returns the path of a file in the cache, and downloads it first if it is missing or damaged.

    Args:
        fname: Name inside the cache folder; the last part of `origin` when None.
        origin: URL.
        untar: Whether to unpack a tar archive; older name of `extract` with `archive_format="tar"`.
        md5_hash: Older name of `file_hash` with `hash_algorithm="md5"`.
        file_hash: Expected SHA-256 or MD5 digest in hexadecimal; None checks nothing.
        cache_subdir: Folder below the cache home.
        hash_algorithm: "auto" (by length), "sha256" or "md5".
        extract: Whether to unpack a tar or zip archive and return the folder with its contents: `fname`
            without its endings and with `_extracted`, or `fname` itself if it has no ending (the archive
            is then `fname` with `_archive`), as in Keras.
        archive_format: "auto", "tar" or "zip".
        cache_dir: The cache home; see `cache_home` for the default.
        force_download: Whether to download although a file is there.
    """
    if not origin:
        raise ValueError(f"get_file: argument `origin`: expected a URL; received {origin!r}")
    if md5_hash is not None and file_hash is None:
        file_hash, hash_algorithm = md5_hash, "md5"
    given = fname
    fname = fname or urllib.parse.urlsplit(origin).path.rsplit("/", 1)[-1]
    if not fname or os.path.basename(fname) != fname or fname in (".", ".."):
        raise ValueError(f"get_file: argument `fname`: expected a plain file name; received {fname!r}")
    folder = os.path.join(cache_dir or cache_home(), cache_subdir)
    path = target = os.path.join(folder, fname)
    if extract or untar:
        if given and "." in fname:
            target = os.path.join(folder, f"{fname.split('.')[0]}_extracted")
        else:
            path = f"{target}_archive"
    fetched = _fetch(origin, path, _algorithm(hash_algorithm, file_hash), file_hash, force_download)
    if (extract or untar) and (fetched or not os.path.isdir(target)):
        unpack(path, target, "tar" if untar else archive_format)
    return target


def _fetch(origin, path, algorithm, file_hash, force):
    """Makes sure that the file is there; whether it had to be downloaded."""
    if os.path.exists(path) and not force:
        if file_hash is None or _digest(path, algorithm) == file_hash.lower():
            return False
        print(
            f"{path} does not have the expected {algorithm} digest and is downloaded again.", file=sys.stderr
        )
    os.makedirs(os.path.dirname(path), exist_ok=True)
    _download(origin, path, algorithm, file_hash)
    return True


def unpack(path, target, archive_format="auto"):
    """Replaces the folder `target` by the contents of an archive; the folder appears whole or not at all.

    Members that would lie outside the folder are refused, and so is everything that is no file or folder.
    """
    if archive_format not in ("auto", "tar", "zip"):
        raise ValueError(
            "get_file: argument `archive_format`: expected 'auto', 'tar' or 'zip'; received "
            f"{archive_format!r}"
        )
    work = tempfile.mkdtemp(prefix=".unpacking-", dir=os.path.dirname(os.path.abspath(target)))
    try:
        if archive_format != "zip" and tarfile.is_tarfile(path):
            with tarfile.open(path) as archive:
                _extract_tar(archive, path, work)
        elif archive_format != "tar" and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                archive.extractall(work)
        else:
            raise ValueError(
                f"get_file: expected {path} to be an archive of format {archive_format!r} (tar or zip)"
            )
        if os.path.isdir(target):
            shutil.rmtree(target)
        os.replace(work, target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _extract_tar(archive, path, work):
    # Releases of Python before 3.11.4 have no filter, so the members are checked here.
    for member in archive:
        name = os.path.normpath(member.name)
        if (
            os.path.isabs(name)
            or name.split(os.sep)[0] == os.pardir
            or not (member.isfile() or member.isdir())
        ):
            raise tarfile.ExtractError(
                f"{path}: expected files and folders inside the archive's own; received {member.name!r}"
            )
    archive.extractall(work, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))


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
                    f"get_file: Incomplete or corrupted file: expected {origin} to have the {algorithm} "
                    f"digest {file_hash}; received {digest.hexdigest()}. Nothing was stored."
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
