"""What a layer owns: found by walking its attributes, through lists, tuples and dicts, each object once and
in order.
"""

from ..random.seed_generator import SeedGenerator
from .variable import Variable

_LEAVES = (Variable, SeedGenerator)
_CONTAINERS = (list, tuple, dict, set)
# Records of calls and of compile(); the losses and metrics of compile() are not parts of the model.
_SKIPPED = frozenset(
    [
        "_captured",
        "_inbound_nodes",
        "_outbound_nodes",
        "_build_shapes",
        "optimizer",
        "loss",
        "_compile_loss",
        "_compile_metrics",
        "_loss_tracker",
        "history",
        "callbacks",
    ]
)


def is_layer(x):
    """Whether ``x`` is a layer (or model); asked through a mark, because layers are built on this module."""
    return getattr(type(x), "_is_layer", False)


def is_metric(x):
    """Whether ``x`` has the interface of a metric."""
    cls = type(x)
    return hasattr(cls, "update_state") and hasattr(cls, "reset_state")


def owned(owner):
    """Layers, variables, metrics and seed generators that the attributes of ``owner`` hold."""
    found: list = []
    seen = {id(owner)}
    for name, value in owner.__dict__.items():
        if name not in _SKIPPED:
            _collect(value, found, seen)
    return found


def _collect(value, found, seen):
    if isinstance(value, _CONTAINERS):
        if id(value) in seen:  # a container may hold itself
            return
        seen.add(id(value))
        for item in value.values() if isinstance(value, dict) else value:
            _collect(item, found, seen)
    elif id(value) not in seen and (isinstance(value, _LEAVES) or is_layer(value) or is_metric(value)):
        seen.add(id(value))
        found.append(value)


def unique(items):
    """The items in order, each object once."""
    return list({id(item): item for item in items}.values())
