"""Which objects of a model have a place in its weights file, and where: the walk over all that it is made of.

Keras names a place by the attribute that leads to it; inside a list, tuple or dict by the class of the
element, in snake case, with a counter per class. Layer names play no part.
"""

import functools

from ..core.naming import to_snake_case


def walk(root, skip=()):
    """Yields (path, object) for `root` and everything below it that can own variables, each object once and
    those in `skip` not at all.
    """
    yield from _visit(root, "", {id(obj) for obj in skip})


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
        used: dict[str, int] = {}
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
    """(attribute, value): `layers` of Sequential and Functional, then public names, then private ones."""
    from ..models import Sequential
    from ..models.functional import Functional

    kind = next((kind for kind in (Sequential, Functional) if isinstance(obj, kind)), _base_of(obj))
    if kind in (Sequential, Functional):
        yield "layers", obj.layers
    hidden = _own_names(kind)
    for name in sorted(dir(obj), key=lambda name: (name.startswith("_"), name)):
        if name.startswith("__") or name in hidden or (name == "layers" and kind in (Sequential, Functional)):
            continue
        try:
            child = getattr(obj, name)
        except Exception:
            continue  # a property that is not ready has nothing to save yet
        yield name, child


def _base_of(obj):
    """The library class whose own attributes are not part of a file."""
    from ..layers import Layer
    from ..models import Model

    return next(base for base in (Model, Layer, *_saveable_types()) if isinstance(obj, base))


@functools.cache
def _own_names(base):
    """Attributes that every object of this library class has; a file has only `optimizer` and `layers`."""
    from ..layers import Layer
    from ..layers.core.input_layer import Input
    from ..models import Model, Sequential
    from ..models.functional import Functional

    names = set(dir(base))
    if base is Functional:
        tensor = Input((1,), name="reference")
        names.update(dir(Functional(tensor, tensor, name="reference")))
    elif base in (Sequential, Model, Layer):
        names.update(dir(base(name="reference")))
    return names - {"optimizer", "layers"}
