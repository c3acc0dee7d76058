"""Axes taken apart, moved and merged by a pattern of names, under the names of ``keras.ops``."""

import math
import re

from ..core.dispatch import operation
from .promotion import tensor as as_tensor
from .shapes import reshape, transpose


def _refuse(pattern, expected, received):
    raise ValueError(f"rearrange: pattern {pattern!r}: expected {expected}; received {received}")


def _groups(side, pattern):
    """The names of each axis: several for one in parentheses."""
    groups = [part.strip("()").split() for part in re.findall(r"\([^()]*\)|[^\s()]+", side)]
    names = [name for group in groups for name in group]
    if side.count("(") != side.count(")") or any(not name.isidentifier() for name in names):
        _refuse(pattern, "names of axes, in parentheses where several are one axis", repr(side.strip()))
    if len(set(names)) < len(names):
        _refuse(pattern, "every name once on each side", repr(side.strip()))
    return groups


def _sizes(groups, shape, given, pattern):
    """The size of every name; None where it is not known. One of an axis may follow from the others."""
    sizes = {}
    for group, total in zip(groups, shape, strict=True):
        known = [given[name] for name in group if name in given]
        open_names = [name for name in group if name not in given]
        product = math.prod(known)
        if len(open_names) > 1:
            _refuse(pattern, f"the sizes of all but one of {group}", f"those of {list(given)}")
        if total is not None and (total % product or (not open_names and total != product)):
            _refuse(pattern, f"sizes of {group} whose product is {total}", known)
        sizes.update({name: given[name] for name in group if name in given})
        sizes.update(dict.fromkeys(open_names, None if total is None else total // product))
    return sizes


def _flat_shape(sizes):
    return [-1 if n is None else n for n in sizes]


@operation
def rearrange(tensor, pattern, **axes_lengths):
    """``tensor`` with its axes named by ``pattern``, taken apart, moved and merged.

    Args:
        tensor: Tensor.
        pattern: The names of its axes, ``->``, and those of the result, in any order. Several in parentheses
            are one axis: ``"b (h s) c -> b h (s c)"``.
        axes_lengths: Sizes by name, of all but one where an axis is taken apart.

    Raises:
        ValueError: if names or sizes do not fit.
    """
    x = as_tensor(tensor)
    left, arrow, right = pattern.partition("->")
    before, after = _groups(left, pattern), _groups(right, pattern)
    names, wanted = ([name for group in groups for name in group] for groups in (before, after))
    if not arrow or sorted(names) != sorted(wanted):
        _refuse(pattern, "'axes -> axes' with the same names on both sides", f"{names} and {wanted}")
    if len(before) != len(x.shape):
        _refuse(pattern, f"{len(before)} axes", f"shape {tuple(x.shape)}")
    sizes = _sizes(before, x.shape, axes_lengths, pattern)
    if len(names) > len(before):
        x = reshape(x, _flat_shape(sizes[name] for name in names))
    x = transpose(x, [names.index(name) for name in wanted])
    if len(after) == len(wanted):
        return x
    merged = [[sizes[name] for name in group] for group in after]
    return reshape(x, _flat_shape(None if None in group else math.prod(group) for group in merged))


__all__ = ["rearrange"]
