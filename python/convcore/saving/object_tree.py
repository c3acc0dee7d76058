"""Which objects of a model have a place in its weights file, and where: the walk over layers, optimizer and containers.

Keras names a place by the attribute that leads to it; inside a list, tuple or dict by the class of the element, in
snake case, with a counter per class. Layer names play no part.
"""

import functools

from ..core.naming import to_snake_case


def walk(root):
    """Yields (path, object) for `root` and everything below it that can own variables, each object once."""
    yield from _visit(root, "", set())


def _visit(obj, path, visited):
    if id(obj) in visited:
        return
    visited.add(id(obj))
    yield path, obj
    for name, child in _children(obj):
        yield from _step(child, f"{path}/{name}".strip("/"), visited, set())


def _step(child, path, visited, containers):
    """Visits an attribute or an element of a container."""
    if is_saveable(child):
        yield from _visit(child, path, visited)
    elif isinstance(child, (list, tuple, dict)) and id(child) not in containers:
        containers.add(id(child))
        used = {}
        for item in list(child.values()) if isinstance(child, dict) else child:
            if is_saveable(item):
                name = to_snake_case(type(item).__name__)
            elif isinstance(item, (list, tuple, dict)):
                name = "container"
            else:
                continue
            count = used[name] = used.get(name, -1) + 1
            yield from _step(
                item, f"{path}/{name}_{count}" if count else f"{path}/{name}", visited, containers
            )


def is_saveable(obj):
    """Layers, models, optimizers, metrics and losses; not classes."""
    return isinstance(obj, _saveable_types())


@functools.cache
def _saveable_types():
    from ..core.operation import Operation
    from ..losses import Loss
    from ..metrics import Metric
    from ..optimizers import Optimizer

    return (Operation, Metric, Optimizer, Loss)


def _children(obj):
    """(attribute, value): `layers` of Sequential and Functional models first, then public names, then private ones."""
    from ..models import Sequential
    from ..models.functional import Functional

    hidden = _base_attributes(_base_of(obj))
    if isinstance(obj, (Sequential, Functional)):
        yield "layers", obj.layers
        hidden = hidden | {"layers", "operations", "_operations", "_functional"}
    for name in sorted(dir(obj), key=lambda name: (name.startswith("_"), name)):
        if name.startswith("__") or name in hidden or name in _NEVER:
            continue
        try:
            yield name, getattr(obj, name)
        except Exception:  # noqa: BLE001  a property of a user's class may not be ready; it then has nothing to save
            continue


_NEVER = frozenset({"history", "stop_training"})


def _base_of(obj):
    """The library class whose own attributes are not part of the file."""
    from ..models import Model

    if isinstance(obj, Model):
        return Model
    from ..layers import Layer

    return next(base for base in (Layer, *_saveable_types()) if isinstance(obj, base))


@functools.cache
def _base_attributes(base):
    """Names that every instance of `base` has; `optimizer` is the one of them that belongs in a file."""
    names = set(dir(base))
    reference = _REFERENCES.get(base.__name__, base)
    try:
        names |= set(dir(reference(base)))
    except TypeError:
        return names
    return names - {"optimizer"}


_REFERENCES = {}
