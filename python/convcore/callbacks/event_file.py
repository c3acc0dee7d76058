"""The event files that TensorBoard reads: records with checksums, each a protocol buffer of a few fields."""

import functools
import os
import struct
import time

import numpy as np

_VARINT, _DOUBLE, _BYTES, _FLOAT = 0, 1, 2, 5


@functools.cache
def _crc_table():
    """The table of CRC-32C (Castagnoli), RFC 3720 appendix B.4."""
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


def crc32c(data):
    """The CRC-32C of bytes."""
    table, crc = _crc_table(), 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def _masked(data):
    crc = crc32c(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def _varint(value):
    value &= 2**64 - 1
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])


def _field(number, kind, value):
    head = _varint(number << 3 | kind)
    if kind == _VARINT:
        return head + _varint(value)
    if kind == _DOUBLE:
        return head + struct.pack("<d", value)
    if kind == _FLOAT:
        return head + struct.pack("<f", value)
    value = value.encode() if isinstance(value, str) else value
    return head + _varint(len(value)) + value


def _histogram(values, parts=30):
    """HistogramProto: range, moments, and the counts between limits."""
    values = np.asarray(values, "float64").ravel()
    values = values[np.isfinite(values)]
    if not values.size:
        values = np.zeros(1)
    counts, limits = np.histogram(values, parts)
    moments = (values.min(), values.max(), values.size, values.sum(), np.square(values).sum())
    encoded = b"".join(_field(i + 1, _DOUBLE, float(moment)) for i, moment in enumerate(moments))
    encoded += _field(6, _BYTES, struct.pack(f"<{parts}d", *limits[1:]))
    return encoded + _field(7, _BYTES, struct.pack(f"<{parts}d", *counts.astype("float64")))


class EventFile:
    """Appends events to a new file in a folder.

    Args:
        folder: Path, made if it does not exist.
    """

    def __init__(self, folder):
        import socket

        os.makedirs(folder, exist_ok=True)
        name = f"events.out.tfevents.{time.time_ns() // 10**9}.{socket.gethostname()}.{os.getpid()}"
        number = sum(other.startswith(name) for other in os.listdir(folder))
        self._file = open(os.path.join(folder, f"{name}.{number}.v2"), "xb")  # noqa: SIM115
        self._write(_field(3, _BYTES, "brain.Event:2"))

    def scalar(self, tag, value, step):
        """One number of a curve."""
        self._summary(_field(1, _BYTES, tag) + _field(2, _FLOAT, float(value)), step)

    def histogram(self, tag, values, step):
        """The distribution of an array's numbers."""
        self._summary(_field(1, _BYTES, tag) + _field(5, _BYTES, _histogram(values)), step)

    def _summary(self, value, step):
        self._write(_field(2, _VARINT, int(step)) + _field(5, _BYTES, _field(1, _BYTES, value)))

    def _write(self, event):
        event = _field(1, _DOUBLE, time.time()) + event
        length = struct.pack("<Q", len(event))
        self._file.write(length + _masked(length) + event + _masked(event))

    def flush(self):
        self._file.flush()

    def close(self):
        self._file.close()
