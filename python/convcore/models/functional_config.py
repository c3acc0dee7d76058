"""Configs of functional models, in Keras's format: layers with their inbound nodes, and references to
tensors.
"""

import functools
import inspect
from typing import Any

from ..core import tree
from ..core.keras_tensor import KerasTensor
from ..core.operation import single
from ..layers.layer import Layer


def functional_config(model):
    """The config of a functional model."""
    from .. import saving

    calls = _calls(model)
    layers = []
    for operation in model.operations:
        entry = dict(saving.serialize_keras_object(operation))
        entry["name"] = operation.name
        entry["inbound_nodes"] = [
            _node_config(node, calls) for node in calls[id(operation)] if node.input_tensors
        ]
        layers.append(entry)
    return {
        "name": model.name,
        "trainable": model.trainable,
        "layers": layers,
        "input_layers": tree.map_structure(lambda x: _reference(x, calls), model._inputs_struct),
        "output_layers": tree.map_structure(lambda x: _reference(x, calls), model._outputs_struct),
    }


def _calls(model):
    """id(operation) -> its nodes in this model, in order of their calls."""
    inside = {id(node) for node in model.nodes}
    calls = {}
    for operation in model.operations:
        calls[id(operation)] = [
            node for node in operation._inbound_nodes if id(node) in inside or not node.input_tensors
        ]
    return calls


def _history(tensor, calls):
    operation, index, position = tensor.keras_history
    node = operation._inbound_nodes[index]
    return operation, [n is node for n in calls[id(operation)]].index(True), position


def _reference(tensor, calls):
    operation, index, position = _history(tensor, calls)
    return [operation.name, index + _is_functional(operation), position]


def _is_functional(operation):
    # Keras counts the construction of a functional model as its first node in these references.
    from .functional import Functional

    return int(isinstance(operation, Functional))


def _counts_itself(operation):
    # Keras 2 counts the construction of every nested model, wherever it refers to one.
    from .model import Model

    return int(isinstance(operation, Model))


def _node_config(node, calls):
    from .. import saving

    def value(x):
        if isinstance(x, KerasTensor):
            operation, index, position = _history(x, calls)
            config = {
                "shape": list(x.shape),
                "dtype": x.dtype,
                "keras_history": [operation.name, index, position],
            }
            return {"class_name": "__keras_tensor__", "config": config}
        return saving.serialize_keras_object(x)

    args, kwargs = tree.map_structure(value, (list(node.args), dict(node.kwargs)))
    if isinstance(node.operation, Layer):
        for name, default in _written_arguments(type(node.operation).call).items():
            kwargs.setdefault(name, default)
    return {"args": args, "kwargs": kwargs}


@functools.cache
def _written_arguments(call):
    """The arguments that Keras writes for every call of a layer that takes them: the mask, and the mode if
    its default says one.
    """
    parameters = inspect.signature(call).parameters
    found: dict[str, Any] = {"mask": None} if "mask" in parameters else {}
    training = parameters.get("training")
    if training is not None and isinstance(training.default, bool):
        found["training"] = training.default
    return found


def functional_from_config(cls, config, custom_objects=None):
    """A new functional model from functional_config()."""
    operations: dict = {}
    pending: list = []
    for entry in config["layers"]:
        operation = _operation(entry, custom_objects)
        operations[entry.get("name") or operation.name] = operation
        pending.extend((operation, _normalized_node(node)) for node in entry["inbound_nodes"])
    calls = {name: [n for n in op._inbound_nodes if not n.input_tensors] for name, op in operations.items()}
    _replay(pending, operations, calls, config)

    def tensor(reference):
        name, index, position = reference[:3]
        operation = operations[name]
        counted = _counts_itself(operation) if index >= len(calls[name]) else _is_functional(operation)
        index -= min(index, counted)
        return calls[name][index].output_tensors[position]

    inputs, outputs = (_map_references(tensor, config[key]) for key in ("input_layers", "output_layers"))
    if _is_keras_2(config):  # which wrote lists even for one tensor
        inputs, outputs = (single(x) if isinstance(x, list) else x for x in (inputs, outputs))
    return _construct(cls, inputs, outputs, config)


def _is_keras_2(config):
    return any(not isinstance(node, dict) for entry in config["layers"] for node in entry["inbound_nodes"])


def _construct(cls, inputs, outputs, config):
    from .functional import Functional
    from .model import Model

    cls = Functional if cls is Model else cls
    return cls(
        inputs=inputs, outputs=outputs, name=config.get("name"), trainable=config.get("trainable", True)
    )


def _operation(entry, custom_objects):
    from .. import saving

    envelope = {key: value for key, value in entry.items() if key not in ("name", "inbound_nodes")}
    operation = saving.deserialize_keras_object(envelope, custom_objects=custom_objects)
    if not isinstance(operation, Layer) and not hasattr(operation, "_inbound_nodes"):
        raise ValueError(
            f"Model.from_config: {entry.get('name')!r}: expected a layer or an operation; received "
            f"{operation!r}"
        )
    return operation


def _normalized_node(node):
    """A node as {"args", "kwargs"}; Keras 2 wrote a list of [layer, node, tensor, kwargs]."""
    if isinstance(node, dict):
        return node
    items = [node] if node and isinstance(node[0], str) else node
    tensors = [_old_reference(item) for item in items]
    kwargs = items[0][3] if items and len(items[0]) > 3 and isinstance(items[0][3], dict) else {}
    kwargs = {key: _reference_to_tensor(value) for key, value in kwargs.items()}
    return {"args": [tensors[0] if len(tensors) == 1 else tensors], "kwargs": kwargs}


def _reference_to_tensor(value):
    if (
        isinstance(value, list)
        and len(value) >= 3
        and isinstance(value[0], str)
        and isinstance(value[1], int)
    ):
        return _old_reference(value)
    return value


def _old_reference(item):
    return {"class_name": "__keras_tensor__", "config": {"keras_history": list(item[:3]), "keras_2": True}}


class _NotReady(Exception):
    pass


def _replay(pending, operations, calls, config):
    """Calls operations on their inputs until every node has been made."""
    while pending:
        waiting, blocked = [], set()
        for operation, node in pending:
            # The calls of one operation keep their order.
            if id(operation) in blocked:
                waiting.append((operation, node))
                continue
            try:
                args, kwargs = _arguments(node, operations, calls)
            except _NotReady:
                blocked.add(id(operation))
                waiting.append((operation, node))
                continue
            if getattr(operation, "_is_layer", False) and "mask" in kwargs and kwargs["mask"] is None:
                del kwargs["mask"]
            operation(*args, **kwargs)
            calls[next(name for name, op in operations.items() if op is operation)].append(
                operation._inbound_nodes[-1]
            )
        if len(waiting) == len(pending):
            names = sorted({operation.name for operation, _ in waiting})
            raise ValueError(
                f"Model.from_config: {config.get('name')!r}: the layers {names} form a loop or lack an input"
            )
        pending = waiting


def _arguments(node, operations, calls):
    from .. import saving

    def value(x):
        if isinstance(x, dict) and x.get("class_name") == "__keras_tensor__":
            name, index, position = x["config"]["keras_history"]
            if name not in operations:
                raise ValueError(f"Model.from_config: Missing node: {name}, which another node refers to")
            if x["config"].get("keras_2"):
                index -= min(index, _counts_itself(operations[name]))
            if index >= len(calls[name]):
                raise _NotReady
            return calls[name][index].output_tensors[position]
        if isinstance(x, dict) and "class_name" in x and "config" in x:
            return saving.deserialize_keras_object(x)
        if isinstance(x, dict):
            return {key: value(item) for key, item in x.items()}
        if isinstance(x, (list, tuple)):
            return type(x)(value(item) for item in x)
        return x

    return tuple(value(x) for x in node["args"]), {key: value(x) for key, x in node["kwargs"].items()}


def _map_references(tensor, structure):
    if isinstance(structure, dict):
        return {key: _map_references(tensor, value) for key, value in structure.items()}
    if structure and isinstance(structure[0], str):
        return tensor(structure)
    items = [_map_references(tensor, value) for value in structure]
    return tuple(items) if isinstance(structure, tuple) else items
