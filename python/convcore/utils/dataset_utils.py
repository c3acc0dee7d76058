"""Splitting data."""

import numpy as np

from ..core import tree


def split_dataset(dataset, left_size=None, right_size=None, shuffle=False, seed=None):
    """Two parts of arrays of equal length.

    Args:
        dataset: An array, or a list, tuple or dict of arrays with one entry per sample.
        left_size: Size of the first part: a number of samples (int) or a fraction (float); the rest of
            `right_size` when None.
        right_size: Size of the second part, likewise.
        shuffle: Whether the samples are shuffled first.
        seed: Seed of the shuffle.

    Returns:
        Two structures like `dataset`.

    Example:

    >>> import numpy as np
    >>> from convcore.utils import split_dataset
    >>> split_dataset(np.arange(5), left_size=0.6)
    (array([0, 1, 2]), array([3, 4]))
    """
    arrays = [np.asarray(leaf) for leaf in tree.flatten(dataset)]
    lengths = {len(array) for array in arrays}
    if len(lengths) != 1 or 0 in lengths:
        raise ValueError(
            f"split_dataset: expected arrays of one length above 0; received lengths {sorted(lengths)}"
        )
    (total,) = lengths
    if left_size is None and right_size is None:
        raise ValueError("split_dataset: expected `left_size` or `right_size`; received neither")
    left = _count("left_size", left_size, total)
    right = _count("right_size", right_size, total)
    left = total - right if left is None else left
    right = total - left if right is None else right
    if left + right > total or left == 0 or right == 0:
        raise ValueError(
            f"split_dataset: expected two parts of at least one of {total} samples; received sizes {left} "
            f"and {right}"
        )
    order = np.random.default_rng(seed).permutation(total) if shuffle else np.arange(total)
    pick = order[:left], order[left : left + right]
    first, second = (tree.map_structure(lambda x, i=i: np.asarray(x)[i], dataset) for i in pick)
    return first, second


def _count(name, size, total):
    """A size as a number of samples."""
    if size is None:
        return None
    whole = isinstance(size, (int, np.integer)) and not isinstance(size, bool)
    if not (whole or isinstance(size, float)) or not (0 < size <= total if whole else 0 < size < 1):
        raise ValueError(
            f"split_dataset: argument `{name}`: expected an int from 1 to {total} or a float between 0 and "
            f"1; received {size!r}"
        )
    return int(size) if whole else round(size * total)
