"""Masks say which positions of a tensor count. A mask belongs to one tensor; layers hand it on."""

import weakref

import numpy as np

from . import tree

# NumPy arrays take no attributes: id(array) -> (reference to the array, mask), as long as the array lives
_of_arrays: dict = {}


def get_keras_mask(x):
    """The mask of an array or of a tensor of a recording, or None."""
    if type(x) is not np.ndarray:
        return getattr(x, "_keras_mask", None)
    reference, mask = _of_arrays.get(id(x), (None, None))
    return mask if reference is not None and reference() is x else None


def set_keras_mask(x, mask):
    """Attaches a boolean ``mask``, of the shape of ``x`` without its last axes. Only layers hand it on."""
    if type(x) is not np.ndarray:
        x._keras_mask = mask
        return
    key = id(x)
    _of_arrays[key] = (weakref.ref(x, lambda _: _of_arrays.pop(key, None)), mask)


def masks_of(structure):
    """The masks of a structure of tensors, in the same structure; None if there is none at all."""
    if not tree.is_nested(structure):
        return get_keras_mask(structure)
    found = [get_keras_mask(x) for x in tree.flatten(structure)]
    return None if all(mask is None for mask in found) else tree.pack_as(structure, found)


def attach(outputs, masks):
    """Gives each output that has none its mask."""
    if masks is None:
        return
    flat = tree.flatten(masks) if tree.is_nested(masks) else [masks]
    for x, mask in zip(tree.flatten(outputs), flat, strict=False):
        if mask is not None and get_keras_mask(x) is None:
            set_keras_mask(x, mask)


def by_position(structure):
    """{position among the leaves: mask}, for those that have one."""
    if not _of_arrays:
        return {}
    masks = {i: get_keras_mask(x) for i, x in enumerate(tree.flatten(structure))}
    return {i: mask for i, mask in masks.items() if mask is not None}
