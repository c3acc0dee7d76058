"""HDF5 attributes that hold text: one string or a list of them, of fixed length or from the global heap."""

import math

from .errors import refuse
from .hdf5_bytes import Reader
from .hdf5_headers import ATTRIBUTE

_STRING, _VARIABLE = 3, 9
_MAX_STRINGS = 1_000_000


def read_attributes(source, messages, what):
    """{name: text or list of texts} of an object; attributes of other types are left out."""
    found = {}
    for body in messages.get(ATTRIBUTE, []):
        name, value = _attribute(source, body, what)
        if value is not None:
            found[name] = value
    return found


def _attribute(source, body, what):
    reader = Reader(body, what)
    version = reader.uint(1)
    if version not in (1, 2, 3):
        raise refuse(f"{source.where}: {what}", "attributes of version 1 to 3", f"version {version}")
    flags = reader.uint(1)
    sizes = [reader.uint(2) for _ in range(3)]
    reader.skip(1 if version == 3 else 0)
    if version > 1 and flags & 3:
        raise refuse(f"{source.where}: {what}", "attributes with a type of their own", "a shared type")
    padded = [-(-size // 8) * 8 if version == 1 else size for size in sizes]
    name, kind, space = (
        body.block(reader.skip(before).offset, size, what)
        for before, size in zip([0, padded[0], padded[1]], sizes, strict=True)
    )
    text = bytes(name.data).split(b"\0")[0]
    values = body.block(reader.offset + padded[2], len(body) - reader.offset - padded[2], what)
    return name.decode(text, what), _texts(source, kind, space, values, f"{what}: {text[:40]!r}")


def _texts(source, kind, space, values, what):
    """The text or texts of one attribute; None if it holds something else."""
    reader = Reader(kind, what)
    type_class, bits, size = reader.uint(1) & 0xF, reader.uint(3), reader.uint(4)
    if not (type_class == _STRING or (type_class == _VARIABLE and bits & 0xF == 1)):
        return None
    shape = _shape(space, what)
    if shape is None:
        return None
    count = math.prod(shape)
    if count > _MAX_STRINGS or count * size > len(values) or (type_class == _VARIABLE and size != 16):
        raise refuse(
            f"{source.where}: {what}", f"{count} texts in {len(values)} bytes", f"{count} of {size} bytes"
        )
    texts = []
    for i in range(count):
        if type_class == _STRING:
            piece = bytes(values.take(i * size, size, what)).split(b"\0")[0]
        else:
            piece = _from_heap(source, Reader(values, what, i * size), what)
        texts.append(values.decode(piece, what))
    return texts if shape else texts[0]


def _shape(space, what):
    reader = Reader(space, what)
    version, rank, _ = reader.uint(1), reader.uint(1), reader.uint(1)
    kind = reader.uint(1)
    if version not in (1, 2) or rank > 1 or (version == 2 and kind == 2):
        return None
    reader.skip(4 if version == 1 else 0)
    return tuple(reader.uint(8) for _ in range(rank))


def _from_heap(source, reader, what):
    """The bytes that a reference (length, collection, index) into the global heap means."""
    length, address, index = reader.uint(4), reader.uint(8), reader.uint(4)
    if length == 0:
        return b""
    source.expect(address, b"GCOL", what)
    size = source.uint(address + 8, 8, what)
    heap = Reader(source.block(address, size, what), what, 16)
    while heap.remaining() >= 16:
        number = heap.uint(2)
        heap.skip(6)
        stored = heap.uint(8)
        if number == 0:
            break
        if number == index:
            if length > stored:
                raise refuse(f"{source.where}: {what}", f"{length} bytes of text", f"{stored}")
            return bytes(heap.take(length)).split(b"\0")[0]
        heap.skip(-(-stored // 8) * 8)
    raise refuse(f"{source.where}: {what}", f"text {index} in the heap at {address}", "none of that number")
