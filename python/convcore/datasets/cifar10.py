"""CIFAR-10: 50,000 training and 10,000 test photographs, 32x32 pixels, in 10 classes."""

import os

import numpy as np

from .cifar import in_format, load, read_batch

_ORIGIN = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
_SHA256 = "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"


def load_data(path=None):
    """Loads CIFAR-10.

    Classes: airplane, automobile, bird, cat, deer, dog, frog, horse, ship, truck.

    Args:
        path: The archive `cifar-10-python.tar.gz`, or the folder with its contents; None takes the cache,
            `$KERAS_HOME/datasets` (else `~/.keras/datasets`), and downloads the archive if it is not there.

    Returns:
        ``((x_train, y_train), (x_test, y_test))``: images (n, 32, 32, 3) uint8, or (n, 3, 32, 32) while the
        global `image_data_format` is `"channels_first"`; labels (n, 1) uint8.
    """
    return load(path, "cifar-10-batches-py", "cifar-10-batches-py-target", _ORIGIN, _SHA256, _read)


def _read(folder):
    parts = [read_batch(os.path.join(folder, f"data_batch_{i}"), "labels") for i in range(1, 6)]
    x_test, y_test = read_batch(os.path.join(folder, "test_batch"), "labels")
    x_train = np.concatenate([images for images, _ in parts])
    y_train = np.concatenate([labels for _, labels in parts])
    return (in_format(x_train), y_train), (in_format(x_test), y_test)
