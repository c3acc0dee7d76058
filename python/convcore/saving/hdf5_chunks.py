"""Chunked HDF5 datasets, plain or through gzip, shuffle and fletcher32; other filters are refused."""

import itertools
import math
import zlib

import numpy as np

from .errors import refuse
from .hdf5_bytes import UNDEFINED, Reader

_GZIP, _SHUFFLE, _FLETCHER32 = 1, 2, 3
_MAX_CHUNK = 256 << 20
_MAX_PADDED = 32 << 20


class Chunks:
    """The chunks of one dataset, found through a version 1 B-tree.

    Args:
        dataset: The Dataset they belong to.
        reader: Reader after the class byte of a version 3 layout message.
        filters: Filter message or None.
    """

    def __init__(self, dataset, reader, filters):
        self.dataset, self.where = dataset, dataset.where
        rank = reader.uint(1) - 1
        self.tree = reader.uint(8)
        self.shape = tuple(reader.uint(4) for _ in range(rank))
        self._check_shape(reader.uint(4))
        self.filters = read_filters(filters, self.where)

    def _check_shape(self, item_size):
        dataset = self.dataset
        nbytes = math.prod(self.shape) * dataset.stored_dtype.itemsize
        ok = len(self.shape) == len(dataset.shape) and item_size == dataset.stored_dtype.itemsize
        if not ok or 0 in self.shape or nbytes > _MAX_CHUNK:
            raise refuse(
                self.where,
                f"chunks that fit shape {dataset.shape}",
                f"chunks of {self.shape}, {nbytes} bytes",
            )
        cells = math.prod(-(-length // step) for length, step in zip(dataset.shape, self.shape, strict=True))
        if cells * nbytes > max(_MAX_PADDED, 16 * dataset.nbytes):
            raise refuse(
                self.where,
                f"chunks that shape {dataset.shape} fills",
                f"{cells} of {self.shape}, {nbytes} bytes",
            )
        self.chunk_bytes = nbytes

    def read(self):
        """The flat values; the chunks must cover the whole dataset."""
        limits = self.dataset.source.limits
        limits.inflated -= self.dataset.nbytes
        if limits.inflated < 0:
            raise refuse(
                self.where,
                "datasets that the stored bytes can fill",
                f"shape {self.dataset.shape} beside others",
            )
        out = np.zeros(self.dataset.shape, self.dataset.stored_dtype)
        seen = set()
        for offset, mask, address, size in self._entries():
            if any(start % step for start, step in zip(offset, self.shape, strict=True)) or offset in seen:
                raise refuse(self.where, "chunks on their grid, once each", f"a chunk at {offset}")
            seen.add(offset)
            piece = self.dataset.source.take(address, size, self.where)
            block = decode(piece, self.filters, mask, self.chunk_bytes, out.dtype.itemsize, self.where)
            self._place(out, offset, np.frombuffer(block, out.dtype).reshape(self.shape))
        grid = [range(0, length, step) for length, step in zip(out.shape, self.shape, strict=True)]
        if len(seen) != math.prod(len(axis) for axis in grid) or any(
            cell not in seen for cell in itertools.product(*grid)
        ):
            raise refuse(self.where, "a chunk for every part of the dataset", f"{len(seen)} chunks")
        return out.reshape(-1)

    def _place(self, out, offset, block):
        target = tuple(slice(start, start + step) for start, step in zip(offset, self.shape, strict=True))
        part = out[target]
        part[...] = block[tuple(slice(0, length) for length in part.shape)]

    def _entries(self):
        """(offset, filter mask, address, size) of every chunk."""
        source, rank = self.dataset.source, len(self.shape)
        pending, seen = [self.tree] if self.tree != UNDEFINED else [], set()
        while pending:
            node = pending.pop()
            source.expect(node, b"TREE", self.where)
            kind, level = source.uint(node + 4, 1, self.where), source.uint(node + 5, 1, self.where)
            if kind != 1 or node in seen:
                raise refuse(self.where, "a B-tree of chunks", f"type {kind} at {node}")
            seen.add(node)
            reader = Reader(source, self.where, node + 24)
            for _ in range(source.uint(node + 6, 2, self.where)):
                size, mask = reader.uint(4), reader.uint(4)
                offset = tuple(reader.uint(8) for _ in range(rank + 1))[:-1]
                child = reader.uint(8)
                if level:
                    pending.append(child)
                else:
                    yield offset, mask, child, size


class _SingleChunk(Chunks):
    """A dataset of one chunk in a version 4 layout."""

    def __init__(self, dataset, shape, item_size, filters, entry):
        self.dataset, self.where = dataset, dataset.where
        self.shape = shape
        self._check_shape(item_size)
        self.filters = read_filters(filters, self.where)
        size, mask, self._address = entry
        self._size, self._mask = size or self.chunk_bytes, mask

    def _entries(self):
        yield (0,) * len(self.shape), self._mask, self._address, self._size


def single_chunk_v4(dataset, reader, filters):
    """Chunks of a version 4 layout; only its single-chunk index is read."""
    flags, rank, width = reader.uint(1), reader.uint(1) - 1, reader.uint(1)
    shape = tuple(reader.uint(width) for _ in range(rank))
    item_size, index = reader.uint(width), reader.uint(1)
    if index != 1:
        raise refuse(
            dataset.where,
            "chunks indexed as h5py does by default",
            f"chunk index type {index}",
            "Save the file again with Keras or with h5py's default libver.",
        )
    size, mask = (reader.uint(8), reader.uint(4)) if flags & 2 else (0, 0)
    return _SingleChunk(dataset, shape, item_size, filters, (size, mask, reader.uint(8)))


def read_filters(body, where):
    """The filter identifiers in the order in which they were applied."""
    if body is None:
        return []
    reader = Reader(body, where)
    version, count = reader.uint(1), reader.uint(1)
    reader.skip(6 if version == 1 else 0)
    found = []
    for _ in range(count):
        number = reader.uint(2)
        name_length = reader.uint(2) if version == 1 or number >= 256 else 0
        reader.uint(2)
        values = reader.uint(2)
        padding = 4 if version == 1 and values % 2 else 0
        reader.skip(name_length + 4 * values + padding)
        if number not in (_GZIP, _SHUFFLE, _FLETCHER32):
            raise refuse(where, "the filters gzip, shuffle or fletcher32", f"filter {number}")
        found.append(number)
    return found


def decode(piece, filters, mask, nbytes, item_size, where):
    """Undoes the filters of one chunk; never inflates beyond `nbytes`."""
    data = bytes(piece)
    for index in reversed(range(len(filters))):
        if mask >> index & 1:
            continue
        if filters[index] == _GZIP:
            data = _inflate(data, nbytes + 4, where)
        elif filters[index] == _FLETCHER32:
            data = data[:-4]
        elif len(data) % item_size == 0:
            data = np.frombuffer(data, np.uint8).reshape(item_size, -1).T.tobytes()
    if len(data) != nbytes:
        raise refuse(where, f"chunks of {nbytes} bytes", f"{len(data)} bytes")
    return data


def _inflate(data, limit, where):
    try:
        return zlib.decompressobj().decompress(data, limit)
    except zlib.error as error:
        raise refuse(where, "gzip data", str(error)) from None
