"""The argument that padding and cropping layers share: how much in front and behind each spatial axis."""

from typing import Any

import numpy as np


def _amount(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and int(value) >= 0


def _pair(value: Any) -> bool:
    return isinstance(value, (tuple, list)) and len(value) == 2 and all(map(_amount, value))


def standardize_pairs(value: Any, rank: int, name: str, layer: Any) -> Any:
    """`value` as `rank` pairs (front, back).

    One int goes everywhere; `rank` ints are symmetric (for rank 1: two ints are the pair); `rank` pairs say
    all.
    """
    if _amount(value):
        return ((int(value),) * 2,) * rank
    if rank == 1 and _pair(value):
        return (tuple(int(n) for n in value),)
    if rank > 1 and isinstance(value, (tuple, list)) and len(value) == rank:
        pairs = [(item, item) if _amount(item) else item for item in value]
        if all(map(_pair, pairs)):
            return tuple(tuple(int(n) for n in pair) for pair in pairs)
    forms = (
        "an int or a pair of ints"
        if rank == 1
        else f"an int, a tuple of {rank} ints or a tuple of {rank} pairs of ints"
    )
    raise ValueError(f"{type(layer).__name__}: {name} must be {forms}, all >= 0, received {name}={value!r}")
