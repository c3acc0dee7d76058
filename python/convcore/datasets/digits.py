"""1,797 real handwritten digits of 8x8 pixels, inside the package (source and licence: DIGITS.md)."""

import os

import numpy as np


def load_data(test_split=0.2, seed=113):
    """Loads the digits, shuffled and split.

    Args:
        test_split: Fraction of the samples that goes into the test part.
        seed: Seed of the shuffle; None keeps the order of the file.

    Returns:
        ``((x_train, y_train), (x_test, y_test))``: images (n, 8, 8) uint8 from 0 to 16, labels (n,)
        uint8.

    Example:

    >>> from convcore.datasets import digits
    >>> (x_train, y_train), (x_test, y_test) = digits.load_data()
    >>> x_train.shape, y_train.shape, x_test.shape
    ((1438, 8, 8), (1438,), (359, 8, 8))
    """
    if isinstance(test_split, bool) or not isinstance(test_split, (int, float)) or not 0 <= test_split <= 1:
        raise ValueError(
            f"digits.load_data: argument `test_split`: expected a number from 0 to 1; received {test_split!r}"
        )
    path = os.path.join(os.path.dirname(__file__), "digits.npz")
    with np.load(path, allow_pickle=False) as stored:
        x, y = stored["images"], stored["labels"]
    if seed is not None:
        order = np.random.default_rng(seed).permutation(len(x))
        x, y = x[order], y[order]
    split = len(x) - int(test_split * len(x))
    return (x[:split], y[:split]), (x[split:], y[split:])
