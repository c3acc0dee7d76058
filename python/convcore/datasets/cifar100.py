"""CIFAR-100: 50,000 training and 10,000 test photographs, 32x32 pixels, in 100 classes of 20 kinds."""

import os

from .cifar import in_format, load, read_batch

_ORIGIN = "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz"
_SHA256 = "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7"


def load_data(label_mode="fine", path=None):
    """Loads CIFAR-100.

    Args:
        label_mode: "fine" for the 100 classes, "coarse" for the 20 kinds.
        path: The archive `cifar-100-python.tar.gz`, or the folder with its contents; None takes the cache,
            `$KERAS_HOME/datasets` (else `~/.keras/datasets`), and downloads the archive if it is not there.

    Returns:
        ``((x_train, y_train), (x_test, y_test))``: images (n, 32, 32, 3) uint8, or (n, 3, 32, 32) while the
        global `image_data_format` is `"channels_first"`; labels (n, 1) uint8.
    """
    if label_mode not in ("fine", "coarse"):
        raise ValueError(
            f"cifar100.load_data: argument `label_mode`: expected 'fine' or 'coarse'; received {label_mode!r}"
        )

    def read(folder):
        (x_train, y_train), (x_test, y_test) = (
            read_batch(os.path.join(folder, part), f"{label_mode}_labels") for part in ("train", "test")
        )
        return (in_format(x_train), y_train), (in_format(x_test), y_test)

    return load(path, "cifar-100-python", "cifar-100-python-target", _ORIGIN, _SHA256, read)
