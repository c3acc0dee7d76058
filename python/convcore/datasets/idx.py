"""The IDX format of MNIST and its kin, read from plain or gzipped files."""

import gzip
import os
import zlib

import numpy as np


def read_idx(path, rank):
    """An array of unsigned bytes of that rank; ValueError names a file that is something else."""
    opened = gzip.open if os.fspath(path).endswith(".gz") else open
    try:
        with opened(path, "rb") as file:
            content = file.read()
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"expected a readable IDX file; received {path!r}: {error}") from error
    sizes = np.frombuffer(content[4 : 4 + 4 * rank], ">u4").astype("int64")
    wanted = bytes([0, 0, 8, rank])
    if content[:4] != wanted or len(sizes) != rank or len(content) != 4 + 4 * rank + int(np.prod(sizes)):
        raise ValueError(
            f"expected an IDX file of unsigned bytes with {rank} axes; received {path!r}, "
            f"{len(content)} bytes"
        )
    return np.frombuffer(content, "uint8", offset=4 + 4 * rank).reshape(sizes).copy()


def read_folder(folder, names):
    """((x_train, y_train), (x_test, y_test)) of the four files in a folder, with or without `.gz`."""
    arrays = []
    for name in names:
        path = os.path.join(folder, name)
        if not os.path.exists(path):
            path = path[:-3] if path.endswith(".gz") else f"{path}.gz"
        if not os.path.exists(path):
            raise ValueError(
                f"expected the file {name} (or without .gz) in {os.fspath(folder)!r}; found none"
            )
        arrays.append(read_idx(path, 3 if "images" in name else 1))
    x_train, y_train, x_test, y_test = arrays
    for images, labels in ((x_train, y_train), (x_test, y_test)):
        if len(images) != len(labels):
            raise ValueError(
                f"expected one label per image in {os.fspath(folder)!r}; received {len(images)} images and "
                f"{len(labels)} labels"
            )
    return (x_train, y_train), (x_test, y_test)


IDX_NAMES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
