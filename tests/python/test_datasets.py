"""Data sets: the packaged digits, MNIST from local copies and through the cache, without a network."""

import hashlib
import os
import urllib.error
import urllib.request

import numpy as np
import pytest
from convcore import datasets, utils
from convcore.utils import file_utils


def test_digits_are_those_of_the_repository():
    from sklearn.datasets import load_digits

    (x, y), (x_none, y_none) = datasets.digits.load_data(test_split=0.0, seed=None)
    expected = load_digits()
    np.testing.assert_array_equal(x, expected.images)
    np.testing.assert_array_equal(y, expected.target)
    assert x.dtype == y.dtype == np.uint8
    assert len(x_none) == len(y_none) == 0


def test_digits_are_split_and_shuffled_by_the_seed():
    (x, y), (x_test, y_test) = datasets.digits.load_data(test_split=0.25, seed=5)
    assert (x.shape, x_test.shape) == ((1348, 8, 8), (449, 8, 8))
    again = datasets.digits.load_data(test_split=0.25, seed=5)
    np.testing.assert_array_equal(y, again[0][1])
    assert not np.array_equal(y, datasets.digits.load_data(test_split=0.25, seed=6)[0][1])
    everything = np.concatenate([x, x_test]).reshape(-1, 64)
    plain = datasets.digits.load_data(test_split=0.0, seed=None)[0][0].reshape(-1, 64)
    np.testing.assert_array_equal(np.sort(everything, axis=0), np.sort(plain, axis=0))
    assert np.bincount(np.concatenate([y, y_test])).min() > 170


@pytest.mark.parametrize("split", [-0.1, 1.5, "half", None, True])
def test_digits_refuse_other_splits(split):
    with pytest.raises(ValueError, match="test_split"):
        datasets.digits.load_data(test_split=split)


def test_packaged_data_is_small_and_says_where_it_comes_from():
    folder = os.path.dirname(datasets.__file__)
    assert os.path.getsize(os.path.join(folder, "digits.npz")) < 100_000
    with open(os.path.join(folder, "DIGITS.md")) as file:
        text = file.read()
    assert "CC BY 4.0" in text and "Alpaydin" in text


@pytest.fixture
def small_mnist(tmp_path):
    """A file in MNIST's format, its path and digest."""
    rng = np.random.default_rng(0)
    arrays = {}
    for part, n in (("train", 6), ("test", 4)):
        arrays[f"x_{part}"] = rng.integers(0, 256, (n, 28, 28), dtype="uint8")
        arrays[f"y_{part}"] = rng.integers(0, 10, n, dtype="uint8")
    path = tmp_path / "source.npz"
    np.savez_compressed(path, **arrays)
    return path, arrays, hashlib.sha256(path.read_bytes()).hexdigest()


def check(loaded, arrays):
    (x_train, y_train), (x_test, y_test) = loaded
    for name, value in (("x_train", x_train), ("y_train", y_train), ("x_test", x_test), ("y_test", y_test)):
        np.testing.assert_array_equal(value, arrays[name])


def test_mnist_from_a_local_path(small_mnist):
    path, arrays, _ = small_mnist
    check(datasets.mnist.load_data(path), arrays)
    check(datasets.mnist.load_data(str(path)), arrays)


@pytest.fixture
def cache(tmp_path, monkeypatch, small_mnist):
    """An empty cache home, and MNIST's address and digest replaced by those of the small file."""
    path, _, digest = small_mnist
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CONVCORE_HOME", raising=False)
    monkeypatch.setattr(datasets.mnist, "_ORIGIN", f"{path.parent.as_uri()}/")
    monkeypatch.setattr(datasets.mnist, "_SHA256", digest)
    os.link(path, path.parent / "mnist.npz")
    return tmp_path / "home" / "datasets" / "mnist.npz"


def test_mnist_is_downloaded_once_into_the_cache_of_keras(cache, small_mnist, capsys, monkeypatch):
    check(datasets.mnist.load_data(), small_mnist[1])
    assert cache.read_bytes() == small_mnist[0].read_bytes()
    assert "Downloading mnist.npz" in capsys.readouterr().err
    monkeypatch.setattr(urllib.request, "urlopen", None)
    check(datasets.mnist.load_data(), small_mnist[1])
    assert capsys.readouterr().err == ""


def test_convcore_home_takes_precedence(cache, small_mnist, tmp_path, monkeypatch):
    monkeypatch.setenv("CONVCORE_HOME", str(tmp_path / "own"))
    datasets.mnist.load_data()
    assert (tmp_path / "own" / "datasets" / "mnist.npz").exists() and not cache.exists()


def test_a_damaged_copy_is_replaced(cache, small_mnist, capsys):
    cache.parent.mkdir(parents=True)
    cache.write_bytes(b"damaged")
    check(datasets.mnist.load_data(), small_mnist[1])
    assert "digest" in capsys.readouterr().err


def test_a_wrong_download_is_not_stored(cache, monkeypatch):
    monkeypatch.setattr(datasets.mnist, "_SHA256", "0" * 64)
    with pytest.raises(ValueError, match="digest"):
        datasets.mnist.load_data()
    assert os.listdir(cache.parent) == []


def test_offline_the_error_says_what_to_put_where(cache, monkeypatch):
    def unreachable(*arguments, **keywords):
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr(urllib.request, "urlopen", unreachable)
    with pytest.raises(OSError) as error:
        datasets.mnist.load_data()
    for word in ("mnist.npz", str(cache), "sha256", "no route"):
        assert word in str(error.value)
    assert os.listdir(cache.parent) == []


def test_bad_local_files_are_named(tmp_path):
    (tmp_path / "bad.npz").write_bytes(b"text")
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    np.savez(tmp_path / "objects.npz", x_train=np.array([{}], dtype=object))
    shapes = {name: np.zeros((2, 3)) for name in ("x_train", "y_train", "x_test", "y_test")}
    np.savez(tmp_path / "shapes.npz", **shapes)
    for name in ("bad.npz", "other.npz", "objects.npz", "shapes.npz", "missing.npz"):
        with pytest.raises(ValueError, match=name):
            datasets.mnist.load_data(tmp_path / name)


@pytest.mark.parametrize("name", ["../m.npz", "a/b", "..", "."])
def test_get_file_takes_plain_names_only(name, tmp_path):
    with pytest.raises(ValueError, match="plain file name"):
        utils.get_file(name, origin="https://example.com/x", cache_dir=str(tmp_path))


def test_get_file_knows_md5(tmp_path):
    source = tmp_path / "a.txt"
    source.write_bytes(b"content")
    digest = hashlib.md5(b"content", usedforsecurity=False).hexdigest()
    path = file_utils.get_file(origin=source.as_uri(), file_hash=digest, cache_dir=str(tmp_path / "c"))
    with open(path, "rb") as file:
        assert file.read() == b"content"
