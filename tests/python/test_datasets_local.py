"""Fashion-MNIST, CIFAR and MNIST from small local copies; archives in the cache; splitting and padding."""

import gzip
import hashlib
import io
import os
import pickle
import tarfile
import zipfile

import numpy as np
import pytest
from convcore import config, datasets, utils
from convcore.datasets import idx


def rng():
    return np.random.default_rng(0)


@pytest.fixture
def idx_folder(tmp_path):
    """Four IDX files, two of them gzipped, and the arrays in them."""
    draws, arrays = rng(), []
    for name in idx.IDX_NAMES:
        count = 6 if name.startswith("train") else 4
        shape = (count, 28, 28) if "images" in name else (count,)
        array = draws.integers(0, 256 if "images" in name else 10, shape, dtype="uint8")
        content = (
            bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in shape) + array.tobytes()
        )
        if "labels" in name:
            (tmp_path / name).write_bytes(gzip.compress(content))
        else:
            (tmp_path / name[:-3]).write_bytes(content)
        arrays.append(array)
    return tmp_path, arrays


def flat(loaded):
    (x_train, y_train), (x_test, y_test) = loaded
    return [x_train, y_train, x_test, y_test]


def assert_same(loaded, arrays):
    for received, expected in zip(flat(loaded), arrays, strict=True):
        assert received.dtype == np.uint8 and received.flags.writeable
        np.testing.assert_array_equal(received, expected)


def test_idx_files_from_a_folder(idx_folder):
    folder, arrays = idx_folder
    assert_same(datasets.fashion_mnist.load_data(folder), arrays)
    assert_same(datasets.mnist.load_data(folder), arrays)


def test_fashion_mnist_through_the_cache(idx_folder, tmp_path, monkeypatch):
    folder, arrays = idx_folder
    for name in idx.IDX_NAMES:
        if not (folder / name).exists():
            (folder / name).write_bytes(gzip.compress((folder / name[:-3]).read_bytes()))
    monkeypatch.setattr(datasets.fashion_mnist, "_ORIGIN", f"{folder.as_uri()}/")
    monkeypatch.setenv("CONVCORE_HOME", str(tmp_path / "home"))
    assert_same(datasets.fashion_mnist.load_data(), arrays)
    assert sorted(os.listdir(tmp_path / "home" / "datasets" / "fashion-mnist")) == sorted(idx.IDX_NAMES)


@pytest.mark.parametrize("damage", [b"", b"\0\0\x08\x03\0\0\0\x01", b"\0\0\x08\x03" + b"\xff" * 12])
def test_damaged_idx_files_are_named(idx_folder, damage):
    folder, _ = idx_folder
    (folder / "train-images-idx3-ubyte").write_bytes(damage)
    with pytest.raises(ValueError, match="train-images"):
        datasets.fashion_mnist.load_data(folder)
    (folder / "train-images-idx3-ubyte").unlink()
    with pytest.raises(ValueError, match="found none"):
        datasets.fashion_mnist.load_data(folder)


def cifar_archive(path, folder, files):
    """A tar.gz of pickled batches; returns the bytes' digest."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            data = pickle.dumps(content, protocol=3)  # bytes as bytes, as in files of Python 2
            member = tarfile.TarInfo(f"{folder}/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def cifar10(tmp_path):
    draws, files, images, labels = rng(), {}, [], []
    for name in [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]:
        images.append(draws.integers(0, 256, (3, 3072), dtype="uint8"))
        labels.append(draws.integers(0, 10, 3).tolist())
        files[name] = {b"data": images[-1], b"labels": labels[-1]}
    path = tmp_path / "cifar-10-python.tar.gz"
    digest = cifar_archive(path, "cifar-10-batches-py", files)
    planes = [x.reshape(3, 3, 32, 32) for x in images]
    return path, digest, np.concatenate(planes[:5]), np.concatenate(labels[:5]), planes[5], labels[5]


def test_cifar10_from_an_archive_a_folder_and_the_cache(cifar10, tmp_path, monkeypatch):
    path, digest, x_train, y_train, x_test, y_test = cifar10
    expected = [x_train.transpose(0, 2, 3, 1), y_train[:, None], x_test.transpose(0, 2, 3, 1)]
    expected.append(np.array(y_test)[:, None])
    assert_same(datasets.cifar10.load_data(path), expected)
    utils.file_utils.unpack(str(path), str(tmp_path / "unpacked"))
    assert_same(datasets.cifar10.load_data(tmp_path / "unpacked"), expected)
    monkeypatch.setattr(datasets.cifar10, "_ORIGIN", path.as_uri())
    monkeypatch.setattr(datasets.cifar10, "_SHA256", digest)
    monkeypatch.setenv("CONVCORE_HOME", str(tmp_path / "home"))
    assert_same(datasets.cifar10.load_data(), expected)
    # the layout of Keras's cache
    cache = tmp_path / "home" / "datasets"
    assert sorted(os.listdir(cache)) == ["cifar-10-batches-py-target", "cifar-10-batches-py-target_archive"]
    assert (cache / "cifar-10-batches-py-target" / "cifar-10-batches-py" / "test_batch").exists()
    monkeypatch.setattr(datasets.cifar10, "_ORIGIN", "file:///nowhere")
    config.set_image_data_format("channels_first")
    np.testing.assert_array_equal(datasets.cifar10.load_data()[0][0], x_train)


def test_cifar100_has_two_kinds_of_labels(tmp_path):
    draws = rng()
    files = {
        part: {
            b"data": draws.integers(0, 256, (4, 3072), dtype="uint8"),
            b"fine_labels": draws.integers(0, 100, 4).tolist(),
            b"coarse_labels": draws.integers(0, 20, 4).tolist(),
        }
        for part in ("train", "test")
    }
    path = tmp_path / "cifar-100-python.tar.gz"
    cifar_archive(path, "cifar-100-python", files)
    for mode in ("fine", "coarse"):
        (x, y), (_, y_test) = datasets.cifar100.load_data(mode, path)
        assert x.shape == (4, 32, 32, 3) and y[:, 0].tolist() == files["train"][f"{mode}_labels".encode()]
        assert y_test[:, 0].tolist() == files["test"][f"{mode}_labels".encode()]
    with pytest.raises(ValueError, match="label_mode"):
        datasets.cifar100.load_data("both")


class Hostile:
    def __reduce__(self):
        return os.mkdir, ("should-not-exist",)


def test_batches_that_hold_code_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "cifar-100-python"
    folder.mkdir()
    for content in (pickle.dumps({b"data": Hostile()}), b"text", pickle.dumps({b"data": 3})):
        (folder / "train").write_bytes(content)
        with pytest.raises(ValueError, match="train"):
            datasets.cifar100.load_data(path=tmp_path)
    assert not (tmp_path / "should-not-exist").exists()


def test_archives_with_members_outside_are_refused(tmp_path):
    with tarfile.open(tmp_path / "bad.tar", "w") as archive:
        member = tarfile.TarInfo("../outside")
        archive.addfile(member, io.BytesIO(b""))
    with pytest.raises(tarfile.TarError):
        utils.file_utils.unpack(tmp_path / "bad.tar", str(tmp_path / "folder"))
    (tmp_path / "text").write_text("no archive")
    with pytest.raises(ValueError, match="archive"):
        utils.file_utils.unpack(tmp_path / "text", str(tmp_path / "folder"))
    assert sorted(os.listdir(tmp_path)) == ["bad.tar", "text"]


def test_get_file_unpacks(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("inner/file.txt", "content")
    cache = str(tmp_path / "cache")
    folder = utils.get_file("a.zip", (tmp_path / "a.zip").as_uri(), extract=True, cache_dir=cache)
    assert os.path.basename(folder) == "a_extracted"
    with open(os.path.join(folder, "inner", "file.txt")) as file:
        assert file.read() == "content"


def test_split_dataset():
    x, y = np.arange(10), np.arange(20).reshape(10, 2)
    (x1, y1), (x2, y2) = utils.split_dataset((x, y), left_size=0.7)
    assert x1.tolist() == list(range(7)) and x2.tolist() == [7, 8, 9]
    np.testing.assert_array_equal(np.concatenate([y1, y2]), y)
    left, right = utils.split_dataset({"a": x}, left_size=2, right_size=3, shuffle=True, seed=1)
    assert len(left["a"]) == 2 and len(right["a"]) == 3 and not set(left["a"]) & set(right["a"])
    for arguments in ({}, {"left_size": 11}, {"left_size": 1.5}, {"left_size": 8, "right_size": 3}):
        with pytest.raises(ValueError, match="split_dataset"):
            utils.split_dataset(x, **arguments)


def test_pad_sequences():
    sequences = [[1], [2, 3, 4], []]
    assert utils.pad_sequences(sequences).tolist() == [[0, 0, 1], [2, 3, 4], [0, 0, 0]]
    assert utils.pad_sequences(sequences, 2, padding="post", value=9).tolist() == [[1, 9], [3, 4], [9, 9]]
    cut = utils.pad_sequences(sequences, 2, truncating="post", dtype="float32")
    assert cut.dtype == np.float32 and cut.tolist() == [[0, 1], [2, 3], [0, 0]]
    wide = utils.pad_sequences([[[1, 2]], [[3, 4], [5, 6]]])
    assert wide.tolist() == [[[0, 0], [1, 2]], [[3, 4], [5, 6]]]
    for arguments in (
        ([[1]], {"padding": "left"}),
        ([1, 2], {}),
        ([["a"]], {"value": "x"}),
        ([[[1]], [[1, 2]]], {}),
    ):
        with pytest.raises(ValueError, match="pad_sequences"):
            utils.pad_sequences(arguments[0], **arguments[1])
