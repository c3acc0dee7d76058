"""Bounds-checked access to the bytes of an HDF5 file: a damaged address ends in ModelFormatError."""

from .errors import refuse

UNDEFINED = 0xFFFF_FFFF_FFFF_FFFF
# What a file of no size may ask for; tables that overlap would let a small one be read for hours.
_FIELDS, _INFLATED = 300_000, 64 << 20


class Limits:
    """What may still be read of one file: fields, and bytes of chunked datasets."""

    def __init__(self, size):
        self.fields = _FIELDS + size // 8  # Keras's files: 15,000 and one in 40 bytes at most
        self.inflated = max(_INFLATED, 100 * size)


class Bytes:
    """The bytes of one file or of one block inside it.

    Args:
        data: bytes-like.
        where: Name of the file or member, for messages.
        limits: Those of the file that a block is part of.
    """

    def __init__(self, data, where, limits=None):
        self.data = memoryview(data)
        self.where = where
        self.limits = limits or Limits(len(data))

    def __len__(self):
        return len(self.data)

    def take(self, offset, count, what):
        """`count` bytes from `offset`; refuses to reach beyond the end."""
        self.limits.fields -= 1
        if self.limits.fields < 0:
            raise refuse(self.where, "tables that do not overlap", "too many entries", "The file is damaged.")
        if offset < 0 or count < 0 or offset + count > len(self.data):
            raise refuse(
                f"{self.where}: {what}",
                f"{count} bytes at offset {offset}",
                f"a file of {len(self.data)} bytes",
                "The file is truncated or damaged.",
            )
        return self.data[offset : offset + count]

    def uint(self, offset, size, what):
        """Little-endian unsigned integer."""
        return int.from_bytes(self.take(offset, size, what), "little")

    def expect(self, offset, signature, what):
        """Refuses unless `signature` stands at `offset`."""
        found = bytes(self.take(offset, len(signature), what))
        if found != signature:
            raise refuse(
                f"{self.where}: {what}", f"the signature {signature!r}", repr(found), "The file is damaged."
            )

    def text(self, offset, what):
        """Zero-terminated UTF-8."""
        self.take(offset, 1, what)
        end = bytes(self.data[offset : offset + 4096]).find(b"\0")
        if end < 0:
            raise refuse(f"{self.where}: {what}", "a name of less than 4,096 bytes", "no end")
        return self.decode(self.take(offset, end, what), what)

    def decode(self, piece, what):
        """Text of UTF-8 bytes."""
        try:
            return bytes(piece).decode("utf-8")
        except UnicodeDecodeError:
            raise refuse(f"{self.where}: {what}", "a name in UTF-8", repr(bytes(piece)[:40])) from None

    def block(self, offset, count, what):
        """A part of this file as Bytes with offsets of its own."""
        return Bytes(self.take(offset, count, what), f"{self.where}: {what}", self.limits)


class Reader:
    """Reads fields one after the other."""

    def __init__(self, source, what, offset=0):
        self.source = source
        self.what = what
        self.offset = offset

    def uint(self, size):
        value = self.source.uint(self.offset, size, self.what)
        self.offset += size
        return value

    def take(self, count):
        piece = self.source.take(self.offset, count, self.what)
        self.offset += count
        return piece

    def skip(self, count):
        self.offset += count
        return self

    def remaining(self):
        return len(self.source) - self.offset
