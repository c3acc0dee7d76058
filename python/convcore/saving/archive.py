"""The `.keras` archive: a ZIP of metadata.json, config.json and model.weights.h5."""

import io
import json
import os
import zipfile
import zlib

from .errors import ModelFormatError, refuse

METADATA, CONFIG, WEIGHTS = "metadata.json", "config.json", "model.weights.h5"
_MAX_MEMBERS = 10_000
_MAX_JSON = 64 << 20
_MAX_PACKED_JSON = 2 << 20
_MAX_DEPTH = 150
_MAX_UNPACKED = 64 << 20
_MAX_DIGITS = 400


def write_archive(file, members):
    """Writes {name: bytes} to an open file: stored, in order, dated 1980-01-01 as Keras does."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o600 << 16
            archive.writestr(info, data)


class Archive:
    """A `.keras` file opened for reading; every member is checked before it is unpacked.

    Args:
        source: Path of the file, or its bytes.
    """

    def __init__(self, source):
        in_memory = isinstance(source, bytes)
        self.path = "bytes" if in_memory else os.fspath(source)
        self._size = len(source) if in_memory else os.path.getsize(self.path)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(source) if in_memory else self.path)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
            raise refuse(
                self.path, "a ZIP archive as model.save() writes it", f"a file that is not one ({error})"
            ) from None
        try:
            self._check_members()
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._zip.close()

    def _check_members(self):
        self._members: dict[str, zipfile.ZipInfo] = {}
        infos = self._zip.infolist()
        if len(infos) > _MAX_MEMBERS:
            raise refuse(self.path, f"at most {_MAX_MEMBERS} members", f"{len(infos)}")
        for info in infos:
            self._check_name(info.filename)
            if info.filename in self._members:
                raise refuse(f"{self.path}: {info.filename}", "each member once", "it twice")
            self._members[info.filename] = info
        for name in (METADATA, CONFIG, WEIGHTS):
            if name not in self._members:
                listed = ", ".join(list(self._members)[:8]) or "none"
                raise refuse(
                    f"{self.path}: {name}", f"the members {METADATA}, {CONFIG} and {WEIGHTS}", f"{listed}"
                )

    def _check_name(self, name):
        parts = name.replace("\\", "/").split("/")
        if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in name:
            raise refuse(
                f"{self.path}: member {name!r}", "names inside the archive", "a name that points out of it"
            )

    def read(self, name):
        """The bytes of one member, unpacked and compared with its checksum."""
        info = self._members[name]
        where = f"{self.path}: {name}"
        if info.flag_bits & 0x1:
            raise refuse(where, "a member without a password", "an encrypted one")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise refuse(where, "a stored or deflated member", f"compression method {info.compress_type}")
        if info.compress_size > self._size:
            raise refuse(where, f"{info.compress_size} packed bytes", f"a file of {self._size} bytes")
        stored = info.compress_type == zipfile.ZIP_STORED
        limit = info.compress_size if stored else max(_MAX_UNPACKED, 100 * info.compress_size)
        if info.file_size > limit:
            raise refuse(
                where,
                f"at most {limit} bytes from {info.compress_size} packed ones",
                f"a declared size of {info.file_size}",
            )
        try:
            data = self._zip.read(info)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            OSError,
            RuntimeError,
            ValueError,
        ) as error:
            raise refuse(
                where, "an undamaged member", str(error) or type(error).__name__, "The file is damaged."
            ) from None
        if len(data) != info.file_size:
            raise refuse(where, f"{info.file_size} bytes", f"{len(data)}")
        return data

    def read_json(self, name):
        """A JSON member as a dictionary."""
        info = self._members[name]
        stored = info.compress_type == zipfile.ZIP_STORED  # packed, little may become millions of objects
        limit = _MAX_JSON if stored else max(_MAX_PACKED_JSON, 20 * info.compress_size)
        if info.file_size > min(limit, _MAX_JSON):
            raise refuse(f"{self.path}: {name}", f"at most {limit} bytes", f"{info.file_size}")
        return parse_json(self.read(name), f"{self.path}: {name}")


def parse_json(text, where):
    """JSON text (str or bytes) whose top level is an object and whose nesting is bounded."""
    try:
        value = json.loads(text, parse_int=_parse_int)
    except ModelFormatError:
        raise
    except RecursionError:
        raise refuse(where, f"JSON nested at most {_MAX_DEPTH} deep", "deeper nesting") from None
    except (ValueError, UnicodeDecodeError) as error:
        raise refuse(where, "JSON text", str(error)) from None
    if not isinstance(value, dict):
        raise refuse(where, "a JSON object", type(value).__name__)
    _check_depth(value, where)
    return value


def _parse_int(digits):
    if len(digits) > _MAX_DIGITS:
        raise refuse("JSON", f"numbers of at most {_MAX_DIGITS} digits", f"{len(digits)} digits")
    return int(digits)


def _check_depth(value, where):
    level, depth = [value], 0
    while level:
        if depth > _MAX_DEPTH:
            raise refuse(where, f"JSON nested at most {_MAX_DEPTH} deep", "deeper nesting")
        children = [
            item.values() if isinstance(item, dict) else item
            for item in level
            if isinstance(item, (dict, list))
        ]
        level = [child for group in children for child in group]
        depth += 1
