"""Drawings of models, by way of pydot and Graphviz."""

import os
import shutil
import sys
from html import escape

from ..core import tree

_TEXT_FORMATS = ("dot", "gv", "raw")


def model_to_dot(
    model,
    show_shapes=False,
    show_dtype=False,
    show_layer_names=True,
    rankdir="TB",
    expand_nested=False,
    dpi=200,
    subgraph=False,
    show_layer_activations=False,
    show_trainable=False,
    splines="ortho",
    **kwargs,
):
    """The graph of a model for Graphviz: a node per layer, an edge from each layer to those that read it.

    Args:
        model: A built model. One that is neither Sequential nor made of symbolic tensors is a single node.
        show_shapes: Whether nodes tell the shapes of inputs and outputs.
        show_dtype: Whether nodes tell the type of the outputs.
        show_layer_names: Whether nodes tell names beside classes.
        rankdir: "TB" for a drawing from top to bottom, "LR" from left to right.
        expand_nested: Whether models in the model are drawn as frames around their own layers.
        dpi: Dots per inch of the drawing.
        subgraph: Whether to return a `pydot.Cluster`, a part of another graph.
        show_layer_activations: Whether nodes tell the activation of layers that have one.
        show_trainable: Whether nodes of layers with weights tell whether these are trained.
        splines: How edges run: "ortho", "curved", "polyline", "spline" or "line".

    Returns:
        A `pydot.Dot`; a `pydot.Cluster` if `subgraph`.

    Raises:
        ValueError: if the model is not built.
        ImportError: if pydot is not installed.
    """
    _require_built(model, "model_to_dot")
    _refuse_more("model_to_dot", kwargs)
    pydot = _import_pydot()
    if pydot is None:
        raise ImportError(_no_pydot("model_to_dot"))
    if subgraph:
        dot = pydot.Cluster(model.name, style="dashed", label=model.name, labeljust="l")
    else:
        dot = pydot.Dot(rankdir=rankdir, concentrate=True, dpi=dpi, splines=splines)
        dot.set_node_defaults(shape="record")
    shown = {
        "show_shapes": show_shapes,
        "show_dtype": show_dtype,
        "show_layer_names": show_layer_names,
        "show_layer_activations": show_layer_activations,
        "show_trainable": show_trainable,
    }
    for operation in _parts(model):
        if expand_nested and _is_graph(operation):
            dot.add_subgraph(model_to_dot(operation, expand_nested=True, subgraph=True, **shown))
        else:
            label = _label(operation, **shown)
            dot.add_node(
                pydot.Node(_key(operation), label=label, fontname="Helvetica", border="0", margin="0")
            )
    drawn = {(_key(source), _key(reader)): None for source, reader in _edges(model, expand_nested)}
    for edge in drawn:
        dot.add_edge(pydot.Edge(*edge, penwidth="2"))
    return dot


def plot_model(
    model,
    to_file="model.png",
    show_shapes=False,
    show_dtype=False,
    show_layer_names=False,
    rankdir="TB",
    expand_nested=False,
    dpi=200,
    show_layer_activations=False,
    show_trainable=False,
    splines="ortho",
    **kwargs,
):
    """Writes a drawing of a model to a file.

    Args:
        model: A built model.
        to_file: Path of the file; its ending tells the format, PNG if there is none. Files that end in
            `.dot` or `.gv` hold the text of the graph, and need no Graphviz.
        show_shapes, show_dtype, show_layer_names, rankdir, expand_nested, dpi, show_layer_activations,
            show_trainable, splines: As for `model_to_dot`.

    Returns:
        In a notebook's Python an `IPython.display.Image` of the file, otherwise None.

    Raises:
        ValueError: if the model is not built.
        ImportError: if pydot or Graphviz is not installed; a notebook shows the message instead.
    """
    _require_built(model, "plot_model")
    _refuse_more("plot_model", kwargs)
    to_file = os.fspath(to_file)
    form = os.path.splitext(to_file)[1][1:] or "png"
    missing = _missing_program(form)
    if missing and "IPython.core.magics.namespace" in sys.modules:
        print(missing)
        return None
    if missing:
        raise ImportError(missing)
    dot = model_to_dot(
        model,
        show_shapes=show_shapes,
        show_dtype=show_dtype,
        show_layer_names=show_layer_names,
        rankdir=rankdir,
        expand_nested=expand_nested,
        dpi=dpi,
        show_layer_activations=show_layer_activations,
        show_trainable=show_trainable,
        splines=splines,
    )
    dot.write(to_file, format="raw" if form in _TEXT_FORMATS else form)
    return None if form in (*_TEXT_FORMATS, "pdf") else _notebook_image(to_file)


def _require_built(model, caller):
    if not model.built:
        raise ValueError(
            f"{caller}: This model has not yet been built. Build the model first by calling `build()` or by "
            f"calling the model on a batch of data. Received {model.name!r}"
        )


def _refuse_more(caller, kwargs):
    if kwargs.pop("layer_range", None) is not None:
        raise ValueError(f"{caller}: Argument `layer_range` is no longer supported.")
    if kwargs:
        raise ValueError(f"{caller}: Unrecognized keyword arguments: {kwargs}")


def _import_pydot():
    try:
        import pydot
    except ImportError:
        return None
    return pydot


def _no_pydot(caller):
    return f"You must install pydot (`pip install pydot`) for `{caller}` to work."


def _missing_program(form):
    """The message about what is not installed, or None."""
    if _import_pydot() is None:
        return _no_pydot("plot_model")
    if form not in _TEXT_FORMATS and shutil.which("dot") is None:
        return (
            "You must install graphviz (see instructions at https://graphviz.gitlab.io/download/) for "
            "`plot_model` to work: its program `dot` was not found. A file that ends in .dot needs none."
        )
    return None


def _notebook_image(path):
    try:
        from IPython import display  # type: ignore[import-not-found]
    except ImportError:
        return None
    return display.Image(filename=path)


def _key(operation):
    """The name of an operation's node: other models may have layers of the same name."""
    return str(id(operation))


def _is_graph(operation):
    from ..models import Sequential
    from ..models.functional import Functional

    return isinstance(operation, (Functional, Sequential))


def _is_sequence(operation):
    from ..models import Sequential

    return isinstance(operation, Sequential)


def _parts(model):
    """What is drawn of a model: its layers and functions, or the model itself."""
    if _is_sequence(model):
        return model.layers
    return model.operations if _is_graph(model) else [model]


def _edges(model, expand_nested):
    """(operation, operation that reads its result), between layers of nested models if these are drawn."""
    if not _is_graph(model):
        return
    readers, nodes = _parts(model), None
    if not _is_sequence(model):
        nodes = set(map(id, model.nodes))
    elif expand_nested:
        readers = readers[1:]  # what the first layer reads is another model's business
    else:
        yield from zip(readers, readers[1:], strict=False)
        return
    for reader in readers:
        for node in reader._inbound_nodes:
            if nodes is not None and id(node) not in nodes:
                continue
            for position, tensor in enumerate(node.input_tensors):
                source, _, output = tensor.keras_history
                if expand_nested:
                    yield _last_layer(source, output), _first_layer(reader, position)
                else:
                    yield source, reader


def _last_layer(operation, output):
    """The layer, however deep in nested models, that makes an output."""
    while _is_graph(operation):
        operation, _, output = operation.outputs[output].keras_history
    return operation


def _first_layer(operation, position):
    """The layer, however deep in nested models, that takes an input."""
    while _is_graph(operation):
        if _is_sequence(operation):
            operation = operation.layers[0]
        else:
            operation = operation.inputs[position].keras_history.operation
    return operation


def _label(layer, show_shapes, show_dtype, show_layer_names, show_layer_activations, show_trainable):
    """The table in a node, in Graphviz's HTML: a title, the activation, and a row of what else is shown."""
    kind = type(layer).__name__
    span = max(1, 2 * bool(show_shapes) + bool(show_dtype) + bool(show_trainable))
    title = f"<b>{escape(layer.name)}</b> ({kind})" if show_layer_names else f"<b>{kind}</b>"
    rows = [_cell(title, "black", size=16, color="white", span=span)]
    activation = getattr(layer, "activation", None)
    if show_layer_activations and activation is not None:
        name = getattr(activation, "name", None) or getattr(activation, "__name__", None) or str(activation)
        rows.append(_cell(f"Activation: <b>{escape(name)}</b>", "white", span=span))
    cells = []
    if show_shapes:
        if kind != "InputLayer":
            cells.append(_cell(f"Input shape: <b>{_shapes(layer, 'input')}</b>", "white"))
        cells.append(_cell(f"Output shape: <b>{_shapes(layer, 'output')}</b>", "white"))
    if show_dtype:
        cells.append(_cell(f"Output dtype: <b>{_of_tensors(layer, 'output', 'dtype') or '?'}</b>", "white"))
    if show_trainable and getattr(layer, "weights", None):
        word, color = ("Trainable", "forestgreen") if layer.trainable else ("Non-trainable", "firebrick")
        cells.append(_cell(f"<b>{word}</b>", color, color="white"))
    if cells:
        rows.append("".join(cells))
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<<table border="0" cellborder="1" bgcolor="black" cellpadding="10">{body}</table>>'


def _cell(text, background, size=14, color=None, span=None):
    span = f' colspan="{span}"' if span else ""
    color = f' color="{color}"' if color else ""
    return f'<td{span} bgcolor="{background}"><font point-size="{size}"{color}>{text}</font></td>'


def _of_tensors(layer, which, attribute):
    """The shapes or types of `layer.input` or `layer.output`, in their structure; None if there are none."""
    try:
        return tree.map_structure(lambda x: getattr(x, attribute), getattr(layer, which))
    except (ValueError, AttributeError):
        return None


def _shapes(layer, which):
    shape = _of_tensors(layer, which, "shape")
    if shape is None:
        return "?"
    text = ", ".join(f"{k}: {v}" for k, v in shape.items()) if isinstance(shape, dict) else str(shape)
    return text.replace("{", "").replace("}", "")
