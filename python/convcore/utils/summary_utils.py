"""The table that `model.summary()` prints, in Keras's form."""

import math
import re
import shutil

import numpy as np

from ..core import dtypes, tree

_UNITS = ("B", "KB", "MB", "GB", "TB", "PB")
_NUMBER, _SYMBOL, _YES, _NO = "color(34)", "color(33)", "bold color(34)", "bold color(9)"


def count_params(weights):
    """The number of elements of all variables together."""
    return sum(math.prod(weight.shape) for weight in weights)


def weight_memory_size(weights):
    """The bytes of all variables together, each counted once."""
    unique = {id(weight): weight for weight in weights}.values()
    return sum(math.prod(weight.shape) * dtypes.numpy_dtype(weight.dtype).itemsize for weight in unique)


def readable_memory_size(nbytes):
    """Bytes as text, in steps of 1024.

    Example:

    >>> from convcore.utils.summary_utils import readable_memory_size
    >>> readable_memory_size(218152)
    '213.04 KB'
    """
    unit = 0
    while nbytes >= 1024 and unit + 1 < len(_UNITS):
        nbytes, unit = nbytes / 1024, unit + 1
    return f"{nbytes:.2f} {_UNITS[unit]}"


def print_summary(
    model,
    line_length=None,
    positions=None,
    print_fn=None,
    expand_nested=False,
    show_trainable=False,
    layer_range=None,
):
    """Prints the layers of a model with their output shapes and numbers of parameters.

    Args:
        model: The model.
        line_length: Width of the table; at most the terminal's when None.
        positions: Where the columns end, as fractions of the width.
        print_fn: Receives the whole text in one call; printed to standard output when None.
        expand_nested: Whether to list the layers of nested models.
        show_trainable: Whether to add a column that says which layers are trainable.
        layer_range: Two layer names or patterns; only the layers from the first to the second are listed.
    """
    from rich.console import Console

    console = Console(
        highlight=False,
        force_terminal=False if print_fn else None,
        color_system=None if print_fn else "auto",
    )
    layout = _Layout(model, line_length, positions, show_trainable)
    table = layout.empty_table()
    first, last = _range(layout.layers, layer_range)
    for layer in layout.layers[first:last]:
        for row in layout.rows(layer, expand_nested):
            table.add_row(*row)
    if print_fn:
        console.begin_capture()
    console.print(_text(f'Model: "{model.name}"', "bold"))
    console.print(table)
    for label, weights in _totals(model):
        line = _text(f" {label}: ", "bold") + _text(f"{count_params(weights):,}", _NUMBER)
        console.print(line + _text(f" ({readable_memory_size(weight_memory_size(weights))})"))
    if print_fn:
        print_fn(console.end_capture())


def _text(text, style=""):
    from rich.text import Text

    return Text(text, style)


def _totals(model):
    """(label, variables) of the lines below the table; the optimizer's variables belong to the total."""
    trainable, frozen = list(model.trainable_weights), list(model.non_trainable_weights)
    optimizer = getattr(model, "optimizer", None)
    slots = list(optimizer.variables) if optimizer is not None and optimizer.built else None
    yield "Total params", trainable + frozen + (slots or [])
    yield "Trainable params", trainable
    yield "Non-trainable params", frozen
    if slots is not None:
        yield "Optimizer params", slots


class _Layout:
    """Which columns and rows the table of one model has."""

    def __init__(self, model, line_length, positions, show_trainable):
        self.show_trainable = show_trainable
        self.layers, self.nodes, linear = _structure(model)
        self.header = ["Layer (type)", "Output Shape", "Param #"]
        default = 88
        ends = [0.45, 0.80, 1.0]
        if not linear:
            self.header.append("Connected to")
            default, ends = 108, [0.3, 0.56, 0.74, 1.0]
        self.connected = not linear
        ends = list(positions or ends)
        if show_trainable:
            self.header.append("Trainable")
            default, ends = default + 12, [0.9 * end for end in ends] + [1.0]
        self.width = line_length or min(default, shutil.get_terminal_size().columns - 4)
        self.widths = np.diff([0] + [int(end * self.width) for end in ends]).tolist()
        if min(self.widths) < 4:
            raise ValueError(
                f"summary: expected columns of at least 4 characters; received widths {self.widths} "
                f"for line_length={self.width}"
            )

    def empty_table(self):
        from rich.table import Column, Table

        columns = [Column(name, width=width) for name, width in zip(self.header, self.widths, strict=True)]
        columns[2].justify = "right"
        if self.show_trainable:
            columns[-1].justify = "center"
        return Table(*columns, width=self.width, show_lines=True)

    def rows(self, layer, expand_nested, level=0):
        """The row of a layer, then those of its own layers."""
        yield self._row(layer, "   " * level + "└ " if level else "")
        if expand_nested:
            for inner in getattr(layer, "layers", None) or ():
                yield from self.rows(inner, expand_nested, level + 1)

    def _row(self, layer, prefix):
        name = _text(f"{prefix}{layer.name} (") + _text(type(layer).__name__, _SYMBOL) + _text(")")
        cells = [name, _text(_shape_of(layer)), _params_of(layer)]
        if self.connected:
            cells.append(_text(self._connections(layer)))
        if self.show_trainable:
            has_weights = bool(getattr(layer, "weights", ()))
            word = ("Y" if layer.trainable else "N") if has_weights else "-"
            cells.append(_text(word, {"Y": _YES, "N": _NO, "-": "bold"}[word]))
        return cells

    def _connections(self, layer):
        found = []
        for node in layer._inbound_nodes:
            if node in self.nodes:
                for tensor in node.input_tensors:
                    operation, node_index, tensor_index = tensor.keras_history
                    found.append(f"{operation.name}[{node_index}][{tensor_index}]")
        return ", ".join(found) or "-"


def _structure(model):
    """(operations to list, nodes of the graph, whether it is one chain)."""
    from ..models.functional import Functional

    if not isinstance(model, Functional):
        return list(model.layers), [], True
    consumed = [id(tensor) for node in model.nodes for tensor in node.input_tensors]
    chain = (
        len(model.inputs) == 1
        and all(len(node.input_tensors) <= 1 for node in model.nodes)
        and len(set(consumed)) == len(consumed)
        and len({id(node.operation) for node in model.nodes}) == len(model.nodes)
    )
    return model.operations, model.nodes, chain


def _shape_of(layer):
    """The output shape as text: `?` when unknown, a list when there are several outputs."""
    if getattr(layer, "_inbound_nodes", None):
        shapes = [str(tuple(x.shape)) for x in tree.flatten(layer._inbound_nodes[-1].outputs)]
    else:
        shapes = _shape_from_build(layer)
    flat = tree.flatten(shapes)
    return flat[0] if len(flat) == 1 else str(shapes).replace("'", "")


def _shape_from_build(layer):
    build_config = layer.get_build_config() if getattr(layer, "built", False) else None
    if not build_config or "input_shape" not in build_config:
        return "?"
    try:
        given = build_config["input_shape"]
        shape = layer.compute_output_shape(tuple(given) if tree.is_shape(given) else given)
    except (NotImplementedError, TypeError, ValueError):
        return "?"
    return str(tuple(shape)) if all(size is None or isinstance(size, int) for size in shape) else str(shape)


def _params_of(layer):
    if not getattr(layer, "built", True):
        return _text("0", _NUMBER) + _text(" (unbuilt)")
    count = layer.count_params() if hasattr(layer, "count_params") else 0
    return _text(f"{count:,}", _NUMBER)


def _range(layers, layer_range):
    """(first, last + 1) positions of the layers to list."""
    if layer_range is None:
        return 0, len(layers)
    if len(layer_range) != 2 or not all(isinstance(name, str) for name in layer_range):
        raise ValueError(
            f"summary: argument `layer_range`: expected two layer names; received {layer_range!r}"
        )
    starts, ends = (
        [i for i, layer in enumerate(layers) if re.match(name, layer.name)] for name in layer_range
    )
    if not starts or not ends:
        names = [layer.name for layer in layers]
        raise ValueError(
            f"summary: argument `layer_range`: expected names of {names}; received {layer_range!r}"
        )
    if min(starts) > max(ends):
        return min(ends), max(starts) + 1
    return min(starts), max(ends) + 1
