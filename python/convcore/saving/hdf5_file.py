"""Reads the part of HDF5 that Keras writes, in plain Python.

The C library behind h5py crashes or loops for ever on damaged files, so files that arrive from elsewhere are
read here: every address is checked against the bytes present, links out of the file do not exist, and a
dataset's shape is known before a byte of it is read. Values of contiguous datasets are views of the bytes.
"""

from .errors import refuse
from .hdf5_attributes import read_attributes
from .hdf5_bytes import Bytes
from .hdf5_dataset import Dataset
from .hdf5_groups import read_members
from .hdf5_headers import read_messages

_SIGNATURE = b"\x89HDF\r\n\x1a\n"


class Hdf5File:
    """Groups and datasets by path.

    Args:
        data: The bytes of the file.
        where: Its name, for messages.
    """

    def __init__(self, data, where):
        self.where = where
        self._source = Bytes(data, where)
        self._root = self._superblock()
        self._groups = {}

    def _superblock(self):
        """The address of the root group's header."""
        source, what = self._source, "superblock"
        source.expect(0, _SIGNATURE, what)
        version = source.uint(8, 1, what)
        if version not in (0, 1, 2, 3):
            raise refuse(f"{self.where}: {what}", "version 0 to 3", f"version {version}")
        sizes = (13, 14) if version < 2 else (9, 10)
        if any(source.uint(offset, 1, what) != 8 for offset in sizes):
            raise refuse(f"{self.where}: {what}", "8-byte offsets and lengths", "other sizes")
        base_at = {0: 24, 1: 28}.get(version, 12)
        base, end = source.uint(base_at, 8, what), source.uint(base_at + 16, 8, what)
        if base != 0 or end > len(source):
            raise refuse(
                f"{self.where}: {what}",
                f"{end} bytes from offset {base}",
                f"{len(source)} bytes",
                "The file is truncated.",
            )
        return source.uint(base_at + (40 if version < 2 else 24), 8, what)

    def group(self, path=""):
        """{member: header address} of the group at `path`, or None if there is none."""
        if path in self._groups:
            return self._groups[path]
        if path == "":
            address = self._root
        else:
            parent, _, name = path.rpartition("/")
            address = (self.group(parent) or {}).get(name)
        members = None
        if address is not None:
            what = f"group {path or '/'}"
            members = read_members(self._source, read_messages(self._source, address, what), what)
        self._groups[path] = members
        return members

    def attributes(self, path=""):
        """{name: text or list of texts} of the group at `path`; {} if there is no such group."""
        parent, _, name = path.rpartition("/")
        address = self._root if path == "" else (self.group(parent) or {}).get(name)
        if address is None:
            return {}
        what = f"group {path or '/'}"
        return read_attributes(self._source, read_messages(self._source, address, what), what)

    def dataset(self, path):
        """The Dataset at `path`; None if there is none."""
        parent, _, name = path.rpartition("/")
        address = (self.group(parent) or {}).get(name)
        if address is None:
            return None
        where = f"{self.where}: {path}"
        return Dataset(self._source, read_messages(self._source, address, where), where)

    def datasets(self, path):
        """{name: Dataset} of the group at `path`, numbers in numeric order; {} if there is no such group."""
        members = self.group(path) or {}
        names = sorted(
            members,
            key=lambda name: (
                not name.isdecimal(),
                int(name) if name.isdecimal() and len(name) < 18 else 0,
                name,
            ),
        )
        found = {}
        for name in names:
            where = f"{self.where}: {path}/{name}" if path else f"{self.where}: {name}"
            found[name] = Dataset(self._source, read_messages(self._source, members[name], where), where)
        return found
