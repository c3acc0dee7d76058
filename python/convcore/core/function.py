"""Functional graphs: the nodes between symbolic inputs and outputs, their order, and running them."""

from . import tree
from .keras_tensor import KerasTensor, producer
from .operation import Operation


class GraphMap:
    """The nodes and operations between ``inputs`` and ``outputs``.

    ``nodes`` is in an order in which they can run; ``operations`` in Keras's order of layers (its weights and
    files follow it): by decreasing distance from the outputs, then by first visit of a depth-first walk from
    the outputs. ``structure`` is that of the outputs, for messages.
    """

    def __init__(self, inputs, outputs, owner, structure=None):
        self._inputs = {id(x) for x in inputs}
        self._owner = owner
        self._index: dict[int, int] = {}
        self._post_order: list = []
        for x in outputs:
            self._output = tree.path_of(x, structure)
            self._visit(x)
        depth = self._depths(inputs)
        # what made an input that is a result is outside
        within = [node for node in self._post_order if node.is_input or not self._is_boundary(node)]
        within += [producer(x) for x in inputs if x.keras_history is not None and producer(x).is_input]
        operations = {id(node.operation): node.operation for node in within}
        self.nodes = self._post_order
        self.operations = sorted(
            operations.values(), key=lambda op: (-depth.get(id(op), 0), self._index.get(id(op), -1))
        )
        self._check_names()

    def _visit(self, tensor):
        # Iterative: deep networks exceed the recursion limit. A node is entered, then, after its inputs,
        # collected.
        done, active = {id(node) for node in self._post_order}, set()
        stack = [(node, False) for node in self._producers([tensor])]
        while stack:
            node, leaving = stack.pop()
            if leaving:
                active.discard(id(node))
                done.add(id(node))
                self._post_order.append(node)
                continue
            if id(node) in done:
                continue
            if id(node) in active:
                raise ValueError(f"{self._owner}: the graph has a cycle at {node.operation.name!r}")
            active.add(id(node))
            self._index.setdefault(id(node.operation), len(self._index))
            stack.append((node, True))
            if not self._is_boundary(node):
                stack.extend((parent, False) for parent in self._producers(reversed(node.input_tensors)))

    def _is_boundary(self, node):
        return bool(node.output_tensors) and all(id(x) in self._inputs for x in node.output_tensors)

    def _producers(self, tensors):
        """The nodes that made them; inputs that no operation made have none."""
        return [
            self._producer(x) for x in tensors if x.keras_history is not None or id(x) not in self._inputs
        ]

    def _producer(self, tensor):
        if tensor.keras_history is None:
            raise ValueError(
                f"{self._owner}: the graph is disconnected: {tensor!r} was made by no operation. Use "
                "Input(...) tensors."
            )
        node = producer(tensor)
        if node.is_input and id(tensor) not in self._inputs:
            raise ValueError(
                f"{self._owner}: the graph is disconnected. Output with path `{self._output}` is not "
                f"connected to `inputs`: it depends on {node.operation.name!r} ({tensor!r}), which "
                "is not among them"
            )
        return node

    def _depths(self, inputs):
        nodes: dict[int, int] = {}
        operations: dict[int, int] = {}
        for node in reversed(self._post_order):
            key = id(node.operation)
            depth = max(nodes.get(id(node), 0), operations.get(key, 0))
            nodes[id(node)] = operations[key] = depth
            if not self._is_boundary(node):
                for parent in node.parent_nodes:
                    nodes[id(parent)] = max(nodes.get(id(parent), 0), depth + 1)
        return operations

    def _check_names(self):
        counts: dict[str, int] = {}
        for operation in self.operations:
            counts[operation.name] = counts.get(operation.name, 0) + 1
        repeated = [name for name, count in counts.items() if count > 1]
        if repeated:
            raise ValueError(
                f"{self._owner}: layer names must be unique; "
                + ", ".join(f"{name!r} is used {counts[name]} times" for name in repeated)
            )

    def run(self, inputs, outputs, values, call):
        """The values of ``outputs`` (any structure), given those of ``inputs``; ``call(operation, args,
        kwargs)`` runs one node.
        """
        known = {id(x): value for x, value in zip(inputs, values, strict=False)}

        def value_of(x):
            return known[id(x)] if isinstance(x, KerasTensor) else x

        for node in self.nodes:
            if all(id(x) in known for x in node.output_tensors):
                continue
            args, kwargs = tree.map_structure(value_of, (tuple(node.args), dict(node.kwargs)))
            results = call(node.operation, args, kwargs)
            for x, value in zip(tree.flatten(node.outputs), tree.flatten(results), strict=False):
                known[id(x)] = value
        return tree.map_structure(value_of, outputs)


class Function(Operation):
    """The computation between symbolic inputs and outputs, as one operation.

    Args:
        inputs, outputs: KerasTensors, or lists, tuples or dicts of them. Inputs may be results of operations,
            which are not part of the function then.

    Raises:
        ValueError: if there are no inputs or no outputs, if an output depends on tensors that are not among
            the inputs, or, when it is called, for values of another structure or shape.
    """

    def __init__(self, inputs, outputs, name=None):
        super().__init__(name)
        self._inputs_struct, self._outputs_struct = inputs, outputs
        self.inputs, self.outputs = tree.flatten(inputs), tree.flatten(outputs)
        for what, tensors in (("inputs", self.inputs), ("outputs", self.outputs)):
            if not tensors:
                raise ValueError(
                    f"Function {self.name!r}: `{what}` argument cannot be empty. Received: {what}=[]"
                )
        self._graph_map = GraphMap(self.inputs, self.outputs, f"Function {self.name!r}", outputs)

    @property
    def operations(self):
        return list(self._graph_map.operations)

    def compute_output_shape(self, input_shape):
        """The shapes of the outputs, in their structure, for shapes in that of the inputs."""
        given = tree.map_shapes(KerasTensor, input_shape)
        return tree.map_structure(lambda x: x.shape, self.compute_output_spec(given))

    def _check(self, inputs):
        if not tree.same_structure(self._inputs_struct, inputs):
            raise ValueError(
                f"Function {self.name!r} was called with an invalid input structure. Expected input "
                f"structure: {self._inputs_struct}; received input structure: {inputs}"
            )
        for x, wanted in zip(tree.flatten(inputs), self.inputs, strict=True):
            shape = getattr(x, "shape", None)
            if shape is not None and not _fits(shape, wanted.shape):
                raise ValueError(
                    f"Function {self.name!r} was passed incompatible inputs: expected shape {wanted.shape} "
                    f"for {wanted.name!r}; received {tuple(shape)}"
                )

    def call(self, inputs):
        self._check(inputs)
        return self._graph_map.run(
            self.inputs,
            self._outputs_struct,
            tree.flatten(inputs),
            lambda operation, args, kwargs: operation(*args, **kwargs),
        )


def _fits(shape, wanted):
    return len(shape) == len(wanted) and all(
        n is None or m is None or n == m for n, m in zip(shape, wanted, strict=True)
    )


def cut_at(inputs, outputs, make_input):
    """(inputs, outputs) of the same computation with fresh input tensors where ``inputs`` are results of
    operations.
    """
    flat_in, flat_out = tree.flatten(inputs), tree.flatten(outputs)
    if all(producer(x).is_input for x in flat_in):
        return inputs, outputs
    graph = GraphMap(flat_in, flat_out, "Model", outputs)
    fresh = [x if producer(x).is_input else make_input(x) for x in flat_in]
    results = graph.run(flat_in, outputs, fresh, lambda operation, args, kwargs: operation(*args, **kwargs))
    return tree.pack_as(inputs, fresh), results
