"""One HDF5 dataset: its type and shape, known before any data is touched, then its values."""

import functools
import math

import numpy as np

from . import hdf5_headers as headers
from .errors import refuse
from .hdf5_bytes import UNDEFINED, Reader
from .hdf5_chunks import Chunks, single_chunk_v4

_MAX_RANK = 32
_COMPACT, _CONTIGUOUS, _CHUNKED, _VIRTUAL = 0, 1, 2, 3
_IEEE = {2: (10, 5, 0, 10), 4: (23, 8, 0, 23), 8: (52, 11, 0, 52)}


class Dataset:
    """What a dataset's header says, checked against the file's size.

    Args:
        source: Bytes of the whole file.
        messages: Messages of the object header.
        where: Path of the dataset.

    Attributes:
        shape: Tuple.
        dtype: NumPy dtype after reading (bfloat16 becomes float32).
    """

    def __init__(self, source, messages, where):
        self.source, self.where = source, where
        for kind, word in (
            (headers.DATASPACE, "shape"),
            (headers.DATATYPE, "type"),
            (headers.LAYOUT, "layout"),
        ):
            if kind not in messages:
                raise refuse(where, "a dataset", f"an object without a {word}")
        if headers.EXTERNAL_FILES in messages:
            raise refuse(
                where,
                "data inside this file",
                "external storage",
                "convcore never opens files named by a file.",
            )
        self.shape = _shape(messages[headers.DATASPACE][0], where)
        self.stored_dtype, self.bfloat16 = _dtype(messages[headers.DATATYPE][0], where)
        self.dtype = np.dtype("float32") if self.bfloat16 else self.stored_dtype
        self.nbytes = math.prod(self.shape) * self.stored_dtype.itemsize
        self._filters = messages.get(headers.FILTERS, [None])[0]
        self._layout(messages[headers.LAYOUT][0])

    def _layout(self, body):
        """Sets `_read`, and refuses sizes that the stored bytes cannot fill."""
        reader = Reader(body, self.where)
        version, kind = reader.uint(1), reader.uint(1)
        if version not in (3, 4) or kind not in (_COMPACT, _CONTIGUOUS, _CHUNKED):
            found = "a virtual dataset" if kind == _VIRTUAL else f"layout {kind} of version {version}"
            raise refuse(self.where, "a contiguous, compact or chunked dataset", found)
        if kind == _CHUNKED:
            return self._chunked(version, reader)
        if kind == _COMPACT:
            size = reader.uint(2)
            block, address = body, reader.offset
        else:
            address, size = reader.uint(8), reader.uint(8)
            block = self.source
            if address == UNDEFINED and self.nbytes == 0:
                block, address, size = self.source, 0, 0
        if size != self.nbytes:
            raise refuse(self.where, f"{self.nbytes} bytes for shape {self.shape}", f"{size} stored bytes")
        piece = block.take(address, size, self.where)
        # Without a reference to self: a dataset goes as soon as it is read, and the file's bytes with it.
        self._read = functools.partial(np.frombuffer, piece, self.stored_dtype)

    def _chunked(self, version, reader):
        if version == 4:
            chunks = single_chunk_v4(self, reader, self._filters)
        else:
            chunks = Chunks(self, reader, self._filters)
        if self.nbytes > self.source.limits.inflated:
            raise refuse(
                self.where,
                "a size that the stored bytes can fill",
                f"shape {self.shape}, {self.nbytes} bytes",
            )
        self._read = chunks.read

    def array(self):
        """The values; read-only where the file's bytes are used in place."""
        values = self._read()
        if self.bfloat16:
            values = (values.astype(np.uint32) << 16).view(np.float32)
        return values.astype(self.dtype, copy=False).reshape(self.shape)


def _shape(body, where):
    reader = Reader(body, where)
    version, rank, _ = reader.uint(1), reader.uint(1), reader.uint(1)
    if version not in (1, 2) or rank > _MAX_RANK:
        raise refuse(where, f"a shape of at most {_MAX_RANK} dimensions", f"version {version}, rank {rank}")
    kind = reader.uint(1)
    if version == 2 and kind == 2:
        raise refuse(where, "a dataset with values", "an empty (null) dataset")
    reader.skip(4 if version == 1 else 0)
    return tuple(reader.uint(8) for _ in range(rank))


def _dtype(body, where):
    """(NumPy dtype, whether it is bfloat16 kept as two opaque bytes)."""
    reader = Reader(body, where)
    first, bits = reader.uint(1), reader.uint(3)
    size, kind = reader.uint(4), first & 0xF
    order = ">" if bits & 1 else "<"
    if kind == 0 and size in (1, 2, 4, 8) and reader.uint(2) == 0 and reader.uint(2) == 8 * size:
        return np.dtype(f"{order}{'i' if bits & 8 else 'u'}{size}"), False
    if kind == 1 and size in _IEEE and not bits & 0x40:
        reader.skip(4)
        exponent_at, exponent, mantissa_at, mantissa = (reader.uint(1) for _ in range(4))
        if (exponent_at, exponent, mantissa_at, mantissa) == _IEEE[size]:
            return np.dtype(f"{order}f{size}"), False
    if kind == 5 and size == 2:
        return np.dtype("<u2"), True
    if kind == 8 and size == 1:  # how h5py stores bool
        return np.dtype("bool"), False
    raise refuse(
        where, "an integer, IEEE float, bool or bfloat16 type", f"an HDF5 type of class {kind}, {size} bytes"
    )
