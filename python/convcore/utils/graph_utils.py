"""Walking back from a symbolic tensor."""

from ..core import tree
from ..core.keras_tensor import producer


def get_source_inputs(tensor):
    """The input tensors that a symbolic tensor is computed from."""
    found, seen, open_ends = [], set(), [tensor]
    while open_ends:
        node = producer(open_ends.pop())
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node.is_input:
            found.extend(tree.flatten(node.output_tensors))
        else:
            open_ends.extend(reversed(node.input_tensors))
    return found
