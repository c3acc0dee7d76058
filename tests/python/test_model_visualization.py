"""Drawings of models: the graph beside Keras's, and the files that it is written to."""

import sys
from xml.etree import ElementTree

import convcore
import pytest
from convcore import layers
from convcore.utils import model_to_dot, model_visualization, plot_model
from oracle import keras

pytest.importorskip("pydot", reason="pydot, which draws models, is not installed")


def sequential(k):
    stack = [
        k.Input((8, 8, 3)),
        k.layers.Conv2D(4, 3, activation="relu", name="c"),
        k.layers.Flatten(name="f"),
        k.layers.Dense(2, activation="softmax", name="d"),
    ]
    return k.Sequential(stack, name="net")


def small(k, name):
    return k.Sequential(
        [k.Input((4,)), k.layers.Dense(3, name="d"), k.layers.Activation("tanh", name="a")], name=name
    )


def deep(k):
    return k.Sequential(
        [k.Input((4,)), small(k, "first"), k.layers.BatchNormalization(name="n")], name="deep"
    )


def branched(k):
    a, b = k.Input((8, 8, 3), name="a"), k.Input((8, 8, 3), name="b")
    shared = k.layers.Conv2D(4, 3, name="shared")
    shared.trainable = False
    inside = k.Input((6, 6, 4), name="inside")
    outputs = [k.layers.Flatten(name="flat")(inside), k.layers.GlobalMaxPooling2D(name="largest")(inside)]
    inner = k.Model(inside, outputs, name="inner")
    x, y = inner(shared(a) + shared(b))
    return k.Model({"a": a, "b": b}, {"x": x, "y": small(k, "small")(y), "z": deep(k)(y)}, name="branched")


OPTIONS = [
    {},
    {"show_shapes": True, "show_dtype": True, "dpi": 50},
    {"show_layer_names": False, "show_trainable": True, "show_layer_activations": True, "subgraph": True},
    {"show_shapes": True, "expand_nested": True, "rankdir": "LR", "splines": "curved"},
]


def described(dot):
    """Labels, frames and edges; a node, which Keras names by an address, by its place instead."""
    places = {}

    def parts(dot, at):
        nodes = [node for node in dot.get_nodes() if node.get_name() != "node"]
        places.update({node.get_name(): (*at, i) for i, node in enumerate(nodes)})
        labels = [
            [
                (e.tag, e.attrib, e.text, e.tail)
                for e in ElementTree.fromstring(node.get("label")[1:-1]).iter()
            ]
            for node in nodes
        ]
        frames = [parts(frame, (*at, i)) for i, frame in enumerate(dot.get_subgraphs())]
        return labels, frames, dot.get_attributes(), dot.get_node_defaults()

    def edges(dot):
        ends = [
            (places[e.get_source()], places[e.get_destination()], e.get_attributes()) for e in dot.get_edges()
        ]
        return [ends, *map(edges, dot.get_subgraphs())]

    return parts(dot, ()), edges(dot)


@pytest.mark.parametrize("options", OPTIONS, ids=["plain", "shapes", "trainable", "expanded"])
@pytest.mark.parametrize("build", [sequential, deep, branched])
def test_same_graph_as_keras(build, options):
    keras.utils.clear_session()  # the sum in `branched` has a name of the session's
    convcore.utils.clear_session()
    expected = described(keras.utils.model_to_dot(build(keras), **options))
    assert described(model_to_dot(build(convcore), **options)) == expected


def test_a_model_with_code_of_its_own_is_one_node():
    class Own(convcore.Model):
        def call(self, x):
            return x

    model = Own(name="a<b")
    model.build((None, 3))
    (node,) = (
        node for node in model_to_dot(model, show_shapes=True).get_nodes() if node.get_name() != "node"
    )
    label = ElementTree.fromstring(node.get("label")[1:-1])
    assert "".join(label.itertext()) == "a<b (Own)Input shape: ?Output shape: ?"


def test_text_needs_no_graphviz(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    model = sequential(convcore)
    assert plot_model(model, tmp_path / "net.dot", show_shapes=True) is None
    text = (tmp_path / "net.dot").read_text()
    assert text.startswith("digraph") and "(None, 6, 6, 4)" in text and text.count("->") == 2
    with pytest.raises(ImportError, match="graphviz.*\\.dot needs none"):
        plot_model(model, tmp_path / "net.png")
    assert [path.name for path in tmp_path.iterdir()] == ["net.dot"]


@pytest.mark.skipif(sys.platform == "win32", reason="the program is a script of the shell")
@pytest.mark.parametrize("ending, form", [(".svg", "svg"), ("", "png")])
def test_pictures_come_from_graphviz(tmp_path, monkeypatch, ending, form):
    program = tmp_path / "dot"
    program.write_text('#!/bin/sh\necho "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    plot_model(sequential(convcore), str(tmp_path / f"net{ending}"), rankdir="LR")
    assert f"-T{form}" in (tmp_path / f"net{ending}").read_text()


def test_messages(monkeypatch, capsys):
    model = sequential(convcore)
    for draw in (model_to_dot, plot_model):
        with pytest.raises(ValueError, match="has not yet been built"):
            draw(convcore.Sequential([layers.Dense(2)]))
        with pytest.raises(ValueError, match="`layer_range` is no longer supported"):
            draw(model, layer_range=["a", "b"])
        with pytest.raises(ValueError, match="Unrecognized keyword arguments.*show_shape'"):
            draw(model, show_shape=True)
    monkeypatch.setattr(model_visualization, "_import_pydot", lambda: None)
    for draw in (model_to_dot, plot_model):
        with pytest.raises(ImportError, match=f"pip install pydot.*`{draw.__name__}`"):
            draw(model)
    monkeypatch.setitem(sys.modules, "IPython.core.magics.namespace", sys)
    assert plot_model(model) is None and "pip install pydot" in capsys.readouterr().out
