"""Symbolic tensors of the functional API, and the nodes that record which operation made them."""

from typing import NamedTuple

from . import dtypes, naming, tree


class KerasHistory(NamedTuple):
    """Where a symbolic tensor comes from."""

    operation: object
    node_index: int
    tensor_index: int


class KerasTensor:
    """A tensor of which only shape and dtype are known. Calls on it record nodes; a Model turns them into a
    graph.

    Args:
        shape: A tuple of sizes and None.
        dtype: Element type.
        sparse, ragged: Accepted for Keras's signature; only False, since all tensors are dense here.
        record_history: Whether calls on it are recorded; the outputs of others cannot become a model.
        name: Name of the tensor; None makes one.

    Raises:
        ValueError: for a sparse or ragged tensor.
    """

    __array_priority__ = 100
    sparse = ragged = False  # what Keras's tensors may be, and these are never

    def __init__(self, shape, dtype="float32", sparse=False, ragged=False, record_history=True, name=None):
        if sparse or ragged:
            raise ValueError(
                f"KerasTensor: expected a dense tensor; received sparse={sparse}, ragged={ragged}. "
                "Convert the data to dense arrays."
            )
        self.shape = tuple(shape)
        self.record_history = record_history
        self.dtype = dtypes.standardize_dtype(dtype)
        self.name = name or naming.auto_name("keras_tensor")
        self.keras_history = None

    @property
    def ndim(self):
        return len(self.shape)

    @property
    def rank(self):
        return len(self.shape)

    def reshape(self, newshape):
        """`convcore.ops.reshape` of this tensor."""
        from .. import ops

        return ops.reshape(self, newshape)

    def squeeze(self, axis=None):
        """`convcore.ops.squeeze` of this tensor."""
        from .. import ops

        return ops.squeeze(self, axis)

    @property
    def _keras_history(self):
        return self.keras_history

    def __repr__(self):
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}, name={self.name}>"

    def __array__(self, *args, **kwargs):
        raise ValueError(_no_values(self, "cannot be converted to a NumPy array"))

    def __bool__(self):
        raise TypeError(_no_values(self, "cannot be used as a boolean"))

    def __float__(self):
        raise TypeError(_no_values(self, "cannot be converted to a number"))

    __int__ = __index__ = __float__

    def __iter__(self):
        raise NotImplementedError(f"{self!r} cannot be iterated over; use convcore.ops.split or indexing")


def _no_values(tensor, what):
    return (
        f"{tensor!r} is symbolic: it doesn't have any actual numerical value and {what}. "
        "Use functions of convcore.ops on it, or call the model on an array."
    )


def is_keras_tensor(x):
    """Whether ``x`` is a symbolic tensor of the functional API."""
    return isinstance(x, KerasTensor)


def any_symbolic(args, kwargs=None):
    """Whether a KerasTensor is anywhere in the arguments, inside lists, tuples and dicts too."""
    for value in args:
        if isinstance(value, KerasTensor) or (isinstance(value, (list, tuple, dict)) and _inside(value)):
            return True
    return bool(kwargs) and any_symbolic(kwargs.values())


def _inside(value):
    return any_symbolic(value.values() if isinstance(value, dict) else value)


class Node:
    """One symbolic call: an operation, its arguments and its outputs."""

    def __init__(self, operation, args=(), kwargs=None, outputs=()):
        self.operation = operation
        self.args, self.kwargs = args, kwargs or {}
        self.input_tensors = [x for x in tree.flatten([args, self.kwargs]) if isinstance(x, KerasTensor)]
        self.outputs = outputs
        self.output_tensors = [x for x in tree.flatten(outputs) if isinstance(x, KerasTensor)]
        if not _want_history(self.input_tensors):
            return
        index = len(operation._inbound_nodes)
        operation._inbound_nodes.append(self)
        for x in self.input_tensors:
            if x.keras_history is not None:
                x.keras_history.operation._outbound_nodes.append(self)
        for position, x in enumerate(self.output_tensors):
            x.keras_history = KerasHistory(operation, index, position)

    @property
    def is_input(self):
        return not self.input_tensors

    @property
    def parent_nodes(self):
        """The nodes that made the inputs, in order."""
        return [producer(x) for x in self.input_tensors if x.keras_history is not None]

    def __repr__(self):
        return f"<Node operation={self.operation.name}, index={self.operation._inbound_nodes.index(self)}>"


def _want_history(tensors):
    return all(x.record_history for x in tensors)


def producer(tensor):
    """The node that made a symbolic tensor."""
    history = tensor.keras_history
    return history.operation._inbound_nodes[history.node_index]
