"""Fashion-MNIST: 60,000 training and 10,000 test images of clothes, 28x28 pixels, in 10 classes."""

import os

from ..utils.file_utils import get_file
from .idx import IDX_NAMES, read_folder

_ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_FOLDER = os.path.join("datasets", "fashion-mnist")


def load_data(path=None):
    """Loads Fashion-MNIST.

    Classes: T-shirt, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag, ankle boot.

    Args:
        path: A folder with the four IDX files, gzipped or not; None takes the cache,
            `$KERAS_HOME/datasets/fashion-mnist` (else `~/.keras/...`), and downloads what is not there.

    Returns:
        ``((x_train, y_train), (x_test, y_test))``: images (n, 28, 28) uint8, labels (n,) uint8.
    """
    if path is None:
        for name in IDX_NAMES:
            path = os.path.dirname(get_file(name, origin=_ORIGIN + name, cache_subdir=_FOLDER))
    elif not os.path.isdir(path):
        raise ValueError(
            f"fashion_mnist.load_data: argument `path`: expected an existing folder; received {path!r}"
        )
    return read_folder(path, IDX_NAMES)
