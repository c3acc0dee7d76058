"""TensorBoard's files, read by a reader written here from their description."""

import os
import struct

import convcore
import numpy as np
import pytest
from convcore import callbacks, layers
from convcore.callbacks.event_file import EventFile, crc32c


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not data[at - 1] & 0x80:
            return value, at


def fields(data):
    """{number: [values]} of one message."""
    found, at = {}, 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 1:
            value, at = struct.unpack_from("<d", data, at)[0], at + 8
        elif key & 7 == 5:
            value, at = struct.unpack_from("<f", data, at)[0], at + 4
        else:
            size, at = varint(data, at)
            value, at = data[at : at + size], at + size
        found.setdefault(key >> 3, []).append(value)
    return found


def unmasked(crc):
    rotated = (crc - 0xA282EAD8) & 0xFFFFFFFF
    return (rotated >> 17 | rotated << 15) & 0xFFFFFFFF


def events(folder):
    """[(step, tag, value fields)] of the one file in a folder; checks lengths and checksums."""
    (name,) = os.listdir(folder)
    with open(os.path.join(folder, name), "rb") as file:
        data = file.read()
    found, at = [], 0
    while at < len(data):
        (size,) = struct.unpack_from("<Q", data, at)
        head, body = data[at : at + 8], data[at + 12 : at + 12 + size]
        assert unmasked(struct.unpack_from("<I", data, at + 8)[0]) == crc32c(head)
        assert unmasked(struct.unpack_from("<I", data, at + 12 + size)[0]) == crc32c(body)
        event = fields(body)
        if 5 in event:
            value = fields(fields(event[5][0])[1][0])
            found.append((event[2][0], value[1][0].decode(), value))
        else:
            assert event[3] == [b"brain.Event:2"]
        at += size + 16
    return found


def test_the_checksum_is_the_published_one():
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA


def test_curves_and_distributions(tmp_path):
    model = convcore.Sequential([convcore.Input((3,)), layers.Dense(2)])
    model.compile("adam", "mse", metrics=["mae"])
    x, y = np.ones((8, 3)), np.ones((8, 2))
    board = callbacks.TensorBoard(tmp_path, histogram_freq=2, update_freq=2, write_steps_per_second=True)
    history = model.fit(
        x, y, epochs=3, batch_size=2, verbose=0, validation_data=(x, y), callbacks=[board]
    ).history
    train, validation = events(tmp_path / "train"), events(tmp_path / "validation")
    for key in ("loss", "mae"):
        curve = [value[2][0] for _, tag, value in train if tag == f"epoch_{key}"]
        np.testing.assert_allclose(curve, history[key], rtol=1e-6)
        curve = [value[2][0] for _, tag, value in validation if tag == f"epoch_{key}"]
        np.testing.assert_allclose(curve, history[f"val_{key}"], rtol=1e-6)
    assert [step for step, tag, _ in train if tag == "batch_loss"] == [2, 4, 6, 8, 10, 12]
    steps = [step for step, tag, _ in validation if tag == "evaluation_loss_vs_iterations"]
    assert steps == [4, 8, 12]
    rates = [value[2][0] for _, tag, value in train if tag == "epoch_learning_rate"]
    np.testing.assert_allclose(rates, [0.001] * 3, rtol=1e-6)
    assert all(value[2][0] > 0 for _, tag, value in train if tag == "epoch_steps_per_second")
    kernels = [value for _, tag, value in train if tag.endswith("dense/kernel/histogram")]
    assert len(kernels) == 2
    low, high, count, *_ = (fields(kernels[1][5][0])[i][0] for i in range(1, 6))
    assert count == 6 and low < high
    kernel = model.get_weights()[0]
    np.testing.assert_allclose([low, high], [kernel.min(), kernel.max()], rtol=1e-6)


def test_odd_values_are_written(tmp_path):
    file = EventFile(tmp_path)
    file.scalar("x" * 300, np.nan, 2**40)
    file.histogram("h", np.full(3, np.inf), -1)
    file.close()
    (first, second) = events(tmp_path)
    assert first[0] == 2**40 and first[1] == "x" * 300 and np.isnan(first[2][2][0])
    assert second[0] == 2**64 - 1


@pytest.mark.parametrize("given", [{"write_images": True}, {"profile_batch": 2}, {"update_freq": "step"}])
def test_what_is_not_available_is_refused(given):
    with pytest.raises(ValueError, match=next(iter(given))):
        callbacks.TensorBoard(**given)
