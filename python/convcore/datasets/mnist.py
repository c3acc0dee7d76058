"""The MNIST handwritten digits: 60,000 training and 10,000 test images of 28x28 pixels."""

import os
import zipfile
import zlib

import numpy as np

from ..utils.file_utils import get_file
from .idx import IDX_NAMES, read_folder

_ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
_MEMBERS = ("x_train", "y_train", "x_test", "y_test")


def load_data(path="mnist.npz"):
    """Loads MNIST.

    Args:
        path: Name of the copy in the cache, `$KERAS_HOME/datasets` (else `~/.keras/datasets`), which is
            downloaded if it is not there; the path of a local file in the format of Keras's `mnist.npz`; or
            of a folder with the four IDX files, gzipped or not.

    Returns:
        ``((x_train, y_train), (x_test, y_test))``: images (n, 28, 28) uint8, labels (n,) uint8.
    """
    path = os.fspath(path)
    if not os.path.isabs(path) and not (os.path.dirname(path) and os.path.exists(path)):
        path = get_file(path, origin=f"{_ORIGIN}mnist.npz", file_hash=_SHA256)
    elif not os.path.exists(path):
        raise ValueError(f"mnist.load_data: argument `path`: expected an existing file; received {path!r}")
    if os.path.isdir(path):
        return read_folder(path, IDX_NAMES)
    try:
        with np.load(path, allow_pickle=False) as stored:
            x_train, y_train, x_test, y_test = (stored[name] for name in _MEMBERS)
    except (KeyError, ValueError, OSError, EOFError, zipfile.BadZipFile, zlib.error, AttributeError) as error:
        raise ValueError(
            f"mnist.load_data: expected a .npz file with the arrays {', '.join(_MEMBERS)}; "
            f"received {path!r}: {error}"
        ) from error
    for images, labels in ((x_train, y_train), (x_test, y_test)):
        if images.shape[1:] != (28, 28) or labels.shape != images.shape[:1]:
            raise ValueError(
                f"mnist.load_data: expected images of shape (n, 28, 28) and n labels; "
                f"received {images.shape} and {labels.shape} in {path!r}"
            )
    return (x_train, y_train), (x_test, y_test)
