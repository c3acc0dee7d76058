"""HDF5 object headers: the messages that describe one group or dataset, in both versions of the format."""

from .errors import refuse
from .hdf5_bytes import Reader

DATASPACE, LINK_INFO, DATATYPE, FILL_VALUE, LINK, EXTERNAL_FILES = 0x1, 0x2, 0x3, 0x5, 0x6, 0x7
LAYOUT, FILTERS, ATTRIBUTE, CONTINUATION, SYMBOL_TABLE = 0x8, 0xB, 0xC, 0x10, 0x11
_MAX_BLOCKS = 1024
_SHARED = 0x2
# messages that convcore reads; a shared (out of line) one of these is refused
_READ = {DATASPACE, LINK_INFO, DATATYPE, LINK, EXTERNAL_FILES, LAYOUT, FILTERS, SYMBOL_TABLE}


def read_messages(source, address, what):
    """Returns {message type: [Bytes, ...]} of the object header at `address`."""
    if bytes(source.take(address, 4, what)) == b"OHDR":
        blocks, parse = _open_v2(source, address, what)
    else:
        blocks, parse = _open_v1(source, address, what)
    messages: dict[int, list] = {}
    seen: set[int] = set()
    while blocks:
        offset, size = blocks.pop()
        if offset in seen or len(seen) >= _MAX_BLOCKS:
            raise refuse(
                f"{source.where}: {what}", "header blocks that do not repeat", f"block {offset} again"
            )
        seen.add(offset)
        for kind, flags, body in parse(offset, size):
            if flags & _SHARED and kind in _READ:
                raise refuse(
                    f"{source.where}: {what}", "messages in the object's own header", "a shared message"
                )
            if kind == CONTINUATION:
                blocks.append((body.uint(0, 8, what), body.uint(8, 8, what)))
            messages.setdefault(kind, []).append(body)
    return messages


def _open_v1(source, address, what):
    version = source.uint(address, 1, what)
    if version != 1:
        raise refuse(f"{source.where}: {what}", "an object header of version 1 or 2", f"version {version}")
    size = source.uint(address + 8, 4, what)

    def parse(offset, size):
        source.take(offset, size, what)
        reader, end = Reader(source, what, offset), offset + size
        while reader.offset + 8 <= end:
            kind, length, flags = reader.uint(2), reader.uint(2), reader.uint(1)
            start = reader.skip(3).offset
            yield kind, flags, source.block(start, length, what)
            reader.offset = start + length

    return [(address + 16, size)], parse


def _open_v2(source, address, what):
    reader = Reader(source, what, address + 4)
    version, flags = reader.uint(1), reader.uint(1)
    if version != 2:
        raise refuse(f"{source.where}: {what}", "an object header of version 2", f"version {version}")
    reader.skip(16 if flags & 0x20 else 0).skip(4 if flags & 0x10 else 0)
    first_size = reader.uint(1 << (flags & 3))
    first = reader.offset
    tracked = flags & 0x4

    def parse(offset, size):
        end = offset + size
        if offset != first:  # continuation blocks carry a signature and a checksum
            source.expect(offset, b"OCHK", what)
            offset, end = offset + 4, end - 4
        source.take(offset, max(end - offset, 0), what)
        reader = Reader(source, what, offset)
        while reader.offset + (6 if tracked else 4) <= end:
            kind, length, message_flags = reader.uint(1), reader.uint(2), reader.uint(1)
            start = reader.skip(2 if tracked else 0).offset
            yield kind, message_flags, source.block(start, length, what)
            reader.offset = start + length

    return [(first, first_size)], parse
