"""What CIFAR-10 and CIFAR-100 share: archives of pickled batches, read without running what they hold."""

import os
import pickle
import tempfile

import numpy as np

from .. import config
from ..utils.file_utils import get_file, unpack

# what NumPy's arrays are pickled with
_ALLOWED = {
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
}


class _ArraysOnly(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of a batch of CIFAR")
        return super().find_class(module, name)


def read_batch(path, label_key):
    """Images (n, 3, 32, 32) and labels (n, 1) of one file, uint8."""
    try:
        with open(path, "rb") as file:
            content = _ArraysOnly(file, encoding="bytes").load()
        data, labels = content[b"data"], np.asarray(content[label_key.encode()], "uint8")
        images = np.asarray(data, "uint8").reshape(len(labels), 3, 32, 32)
    except (
        OSError,
        EOFError,
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        pickle.UnpicklingError,
    ) as error:
        raise ValueError(f"expected a batch of CIFAR; received {os.fspath(path)!r}: {error}") from error
    return images, labels.reshape(-1, 1)


def in_format(images):
    """Images (n, 3, 32, 32) in the global data format."""
    if config.image_data_format() == "channels_first":
        return images
    return np.ascontiguousarray(images.transpose(0, 2, 3, 1))


def load(path, folder, target, origin, file_hash, read):
    """`read(the folder of the batches)`, from a local folder or archive, or from the cache."""
    if path is None:
        base = get_file(target, origin=origin, extract=True, file_hash=file_hash)
        return read(os.path.join(base, folder))
    if os.path.isdir(path):
        inner = os.path.join(path, folder)
        return read(inner if os.path.isdir(inner) else path)
    if not os.path.exists(path):
        raise ValueError(f"load_data: argument `path`: expected a folder or an archive; received {path!r}")
    with tempfile.TemporaryDirectory() as work:
        unpack(path, os.path.join(work, "unpacked"))
        return read(os.path.join(work, "unpacked", folder))
