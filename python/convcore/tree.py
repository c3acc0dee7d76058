"""Nested structures under the names of ``keras.tree``: lists, tuples and dicts of leaves.

Dicts are walked in the order of their sorted keys; None is a leaf.
"""

from .core import tree as _tree
from .core.tree import flatten, is_nested


class MAP_TO_NONE:
    """What a function given to ``traverse`` returns where None should stand in the result."""


def traverse(func, structure, top_down=True):
    """``structure`` with parts replaced by what ``func`` returns; None keeps a part (and looks inside).

    Args:
        func: Called with every part: the structure itself, what is in it, leaves.
        structure: Nested structure.
        top_down: Whether a part is asked before what is inside of it.
    """

    def inside(part):
        if isinstance(part, dict):
            return {key: traverse(func, part[key], top_down) for key in part}
        return _tree._rebuild(part, [traverse(func, item, top_down) for item in part])

    if top_down:
        result = func(structure)
        if result is None:
            return inside(structure) if is_nested(structure) else structure
    else:
        kept = inside(structure) if is_nested(structure) else structure
        result = func(kept)
        if result is None:
            return kept
    return None if result is MAP_TO_NONE else result


def flatten_with_path(structure):
    """[(path, leaf)]: paths are tuples of keys and positions."""
    if isinstance(structure, dict):
        items = [(key, structure[key]) for key in _tree._keys(structure)]
    elif isinstance(structure, (list, tuple)):
        names = getattr(structure, "_fields", range(len(structure)))
        items = list(zip(names, structure, strict=True))
    else:
        return [((), structure)]
    return [((key, *path), leaf) for key, part in items for path, leaf in flatten_with_path(part)]


def map_structure(func, *structures, none_is_leaf=True):
    """A structure of ``func(leaf, ...)`` for the leaves of structures that are alike.

    Args:
        none_is_leaf: Whether ``func`` is called for None; otherwise None stays.
    """
    if not structures:
        raise ValueError("map_structure: expected at least one structure; received none")
    if not callable(func):
        raise TypeError(f"map_structure: `func` must be callable. Received: func={func}")
    for other in structures[1:]:
        assert_same_structure(structures[0], other)
    if none_is_leaf:
        return _tree.map_structure(func, *structures)

    def of_leaves(*leaves):
        if all(leaf is None for leaf in leaves):
            return None
        if any(leaf is None for leaf in leaves):
            raise ValueError(
                f"map_structure: Structure mismatch: some arguments are None, others are not: {leaves}"
            )
        return func(*leaves)

    return _tree.map_structure(of_leaves, *structures)


def map_structure_up_to(shallow_structure, func, *structures):
    """``map_structure`` that takes whatever stands in the places of the leaves of ``shallow_structure``."""
    if not structures:
        raise ValueError("map_structure_up_to: expected at least one structure; received none")

    def at(path, structure):
        for key in path:
            structure = getattr(structure, key) if hasattr(structure, "_fields") else structure[key]
        return structure

    for structure in structures:
        _check_shallow(shallow_structure, structure)
    places = [path for path, _ in flatten_with_path(shallow_structure)]
    return pack_sequence_as(
        shallow_structure, [func(*[at(path, structure) for structure in structures]) for path in places]
    )


def _check_shallow(shallow, structure):
    if not is_nested(shallow):
        return
    same = type(structure) is type(shallow) and len(structure) == len(shallow)
    if not same or (isinstance(shallow, dict) and set(shallow) != set(structure)):
        raise ValueError(
            f"map_structure_up_to: expected a structure that begins like {shallow!r}; received {structure!r}"
        )
    keys = shallow if isinstance(shallow, dict) else range(len(shallow))
    for key in keys:
        _check_shallow(shallow[key], structure[key])


def assert_same_structure(a, b, check_types=None):
    """ValueError unless ``a`` and ``b`` have the same nesting, types of containers and keys.

    Args:
        check_types: Not used: types are always compared, but for the kinds of dicts.
    """
    _compare(a, b)


def _compare(a, b):
    if not is_nested(a) and not is_nested(b):
        return
    if isinstance(a, dict) and isinstance(b, dict):
        if set(a) != set(b):
            raise _differing(a, b, f"a dict with the keys {sorted(map(str, a))}", sorted(map(str, b)))
        for key in a:
            _compare(a[key], b[key])
        return
    if type(a) is not type(b) or len(a) != len(b):
        raise _differing(a, b, _kind(a), _kind(b))
    for one, other in zip(a, b, strict=True):
        _compare(one, other)


def _kind(part):
    return f"a {type(part).__name__} of {len(part)} parts" if is_nested(part) else repr(part)


def _differing(a, b, expected, received):
    return ValueError(
        f"`a` and `b` don't have the same structure: expected {expected}; received {received}. a: {a!r}, "
        f"b: {b!r}"
    )


def assert_same_paths(a, b):
    """ValueError unless the paths to the leaves of ``a`` and ``b`` are the same."""
    paths = [{path for path, _ in flatten_with_path(x)} for x in (a, b)]
    if paths[0] != paths[1]:
        raise ValueError(f"`a` and `b` don't have the same paths: {sorted(map(str, paths[0] ^ paths[1]))}")


def pack_sequence_as(structure, flat_sequence):
    """The leaves of ``flat_sequence``, in their order, in the shape of ``structure``."""
    if not isinstance(flat_sequence, (list, tuple)):
        raise TypeError(f"pack_sequence_as: expected a sequence; received {flat_sequence!r}")
    count = len(flatten(structure))
    if count != len(flat_sequence):
        raise ValueError(
            f"pack_sequence_as: expected {count} leaves for {structure!r}; received {len(flat_sequence)}"
        )
    return _tree.pack_as(structure, flat_sequence)


def lists_to_tuples(structure):
    """``structure`` with tuples for its lists."""
    if isinstance(structure, dict):
        return {key: lists_to_tuples(part) for key, part in structure.items()}
    if isinstance(structure, (list, tuple)):
        parts = [lists_to_tuples(part) for part in structure]
        return tuple(parts) if isinstance(structure, list) else _tree._rebuild(structure, parts)
    return structure


def map_shape_structure(func, structure):
    """``func`` of every shape, a list or tuple of integers and None, in a structure of shapes."""
    if not callable(func):
        raise TypeError(f"map_shape_structure: `func` must be callable. Received: func={func}")
    return _tree.map_shapes(func, structure)


__all__ = [
    "MAP_TO_NONE",
    "assert_same_paths",
    "assert_same_structure",
    "flatten",
    "flatten_with_path",
    "is_nested",
    "lists_to_tuples",
    "map_shape_structure",
    "map_structure",
    "map_structure_up_to",
    "pack_sequence_as",
    "traverse",
]
