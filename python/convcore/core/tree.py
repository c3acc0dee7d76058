"""Nested lists, tuples and dicts of leaves: flatten, map and pack. Dicts are walked in the order of their
sorted keys.
"""


def is_nested(structure):
    """Whether ``structure`` is a list, tuple or dict."""
    return isinstance(structure, (list, tuple, dict))


def _keys(structure):
    try:
        return sorted(structure)
    except TypeError:
        return list(structure)


def flatten(structure):
    """The leaves in order. None is a leaf; anything that is not a list, tuple or dict is a leaf."""
    if not isinstance(structure, (list, tuple, dict)):
        return [structure]
    leaves: list = []
    _flatten_into(structure, leaves)
    return leaves


def _flatten_into(structure, leaves):
    if isinstance(structure, dict):
        for key in _keys(structure):
            _flatten_into(structure[key], leaves)
    elif isinstance(structure, (list, tuple)):
        for item in structure:
            _flatten_into(item, leaves)
    else:
        leaves.append(structure)


def _rebuild(template, items):
    if isinstance(template, tuple):
        return type(template)(*items) if hasattr(template, "_fields") else tuple(items)
    return list(items)


def map_structure(fn, structure, *others):
    """A structure like the first whose leaves are ``fn(leaf, *leaves of the others)``."""
    if isinstance(structure, dict):
        results = {
            key: map_structure(fn, structure[key], *[other[key] for other in others])
            for key in _keys(structure)
        }
        return {key: results[key] for key in structure}
    if isinstance(structure, (list, tuple)):
        if any(len(other) != len(structure) for other in others):
            raise ValueError(
                f"structures differ in length: {len(structure)} and {[len(other) for other in others]}"
            )
        return _rebuild(
            structure, [map_structure(fn, *items) for items in zip(structure, *others, strict=False)]
        )
    return fn(structure, *others)


def pack_as(structure, leaves):
    """The inverse of flatten: ``leaves`` in the shape of ``structure``."""
    if not isinstance(structure, (list, tuple, dict)):
        (leaf,) = leaves
        return leaf
    iterator = iter(leaves)
    packed = map_structure(lambda _: next(iterator), structure)
    if next(iterator, iterator) is not iterator:
        raise ValueError("more leaves than the structure has places")
    return packed


def same_structure(first, second):
    """Whether both have the same nesting and keys."""
    if isinstance(first, dict):
        return (
            isinstance(second, dict)
            and _keys(first) == _keys(second)
            and all(same_structure(first[key], second[key]) for key in first)
        )
    if isinstance(first, (list, tuple)):
        return (
            isinstance(second, (list, tuple))
            and len(first) == len(second)
            and all(same_structure(a, b) for a, b in zip(first, second, strict=False))
        )
    return not is_nested(second)


def path_of(leaf, structure):
    """The keys and positions that lead to a leaf, joined by dots; empty where the leaf is the structure."""
    if not is_nested(structure):
        return ""
    for key, item in structure.items() if isinstance(structure, dict) else enumerate(structure):
        if item is leaf:
            return str(key)
        if is_nested(item) and (inner := path_of(leaf, item)):
            return f"{key}.{inner}"
    return ""


def is_shape(value):
    """Whether ``value`` is one shape (a tuple or list of integers and None), not a structure of shapes."""
    return isinstance(value, (list, tuple)) and all(item is None or isinstance(item, int) for item in value)


def map_shapes(fn, structure):
    """Like map_structure, with whole shapes as leaves."""
    if is_shape(structure):
        return fn(tuple(structure))
    if isinstance(structure, dict):
        return {key: map_shapes(fn, value) for key, value in structure.items()}
    if isinstance(structure, (list, tuple)):
        return _rebuild(structure, [map_shapes(fn, value) for value in structure])
    return structure
