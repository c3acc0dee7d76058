"""The extension: graphs, attributes, the op registry and its stub."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from convcore import _core

ROOT = Path(__file__).resolve().parents[2]


def test_values_are_known_by_graph_and_id():
    graph, other = _core.Graph(), _core.Graph()
    x, y = graph.input("float32", (None, 3), "x"), other.input("float32", (None, 3), "x")
    (z,) = graph.emit("relu", [x])
    assert len({(v.graph, v.id) for v in (x, y, z, x)}) == len({x, y, z, x}) == 3
    assert x.graph is graph and x.shape == (None, 3) and x.dtype == "float32" and z.id > x.id
    with pytest.raises(_core.Error, match="expected values of this graph, received a value of another graph"):
        graph.emit("add", [x, y])


def test_a_function_is_a_copy_of_its_graph():
    graph = _core.Graph()
    x = graph.input("float32", (None,), "x")
    graph.output(x)
    function = _core.Function(graph)
    graph.output(graph.emit("relu", [x])[0])
    assert len(function(np.zeros(3, np.float32))) == 1


def test_scopes_appear_in_the_plan():
    graph = _core.Graph()
    x = graph.input("float32", (None, 7), "x")
    graph.scope = "net/first"
    graph.output(graph.emit("tanh", [x])[0])
    assert graph.scope == "net/first" and "tanh" in str(graph)
    function = _core.Function(graph)
    text = function.explain((5, 7))
    assert "net/first" in text and "tanh" in text and "float32 (5, 7)" in text and "arena" in text
    assert function.arena_bytes((5, 7)) >= 0
    with pytest.raises(_core.Error, match="expected float32"):
        function.explain((5, 8))


def test_attributes_of_every_kind_and_their_errors():
    x = np.arange(6, dtype=np.float32).reshape(1, 6)
    (y,) = _core.run_op("reshape", [x], {"shape": (2, np.int64(3))})
    assert y.shape == (2, 3)
    (y,) = _core.run_op("clip", [x], {"min": 1, "max": np.float32(2.5)})
    np.testing.assert_array_equal(y, np.clip(x, 1, 2.5))
    (y,) = _core.run_op("sum", [x], {"axes": [], "keepdims": True})
    assert y.shape == (1, 1) and y == 15
    for attrs, message in [
        ({"shape": "wide"}, "shape to be"),
        ({"form": (2, 3)}, "attributes out of shape"),
        ({"shape": object()}, "a bool, a number, a string or a sequence of numbers, received object"),
        ({"shape": ["a"]}, "shape to hold numbers, received str"),
        ({"shape": None}, "received NoneType"),
        ({3: 4}, "attribute names to be strings, received int"),
    ]:
        with pytest.raises(_core.Error) as caught:
            _core.run_op("reshape", [x], attrs)
        assert message in str(caught.value)
    with pytest.raises(_core.Error, match='The nearest is "reshape"'):
        _core.run_op("reshap", [x])


def test_constants_are_copied_and_may_be_strided():
    source = np.arange(12, dtype=np.float32).reshape(3, 4)
    graph = _core.Graph()
    graph.output(graph.constant(source.T))
    expected = source.T.copy()
    source[...] = 0
    np.testing.assert_array_equal(_core.Function(graph)()[0], expected)


def test_gradients_of_what_the_loss_does_not_need_are_none():
    graph = _core.Graph()
    x, y = graph.input("float32", (3,), "x"), graph.input("float32", (3,), "y")
    (loss,) = graph.emit("sum", graph.emit("square", [x]))
    dx, dy = graph.gradients(loss, [x, y])
    assert dy is None
    graph.output(dx)
    np.testing.assert_allclose(
        _core.Function(graph)(np.float32([1, 2, 3]), np.zeros(3, np.float32))[0], [2, 4, 6]
    )


# The op registry


def test_ops_tell_their_names_inputs_and_defaults():
    by_name = {op["name"]: op for op in _core.ops()}
    conv = by_name["conv"]
    assert conv["inputs"][:2] == ["x", "kernel"] and conv["differentiable"] and not conv["elementwise"]
    assert dict(conv["attributes"])["padding"] == "valid" and dict(conv["attributes"])["strides"] == []
    assert by_name["relu"]["elementwise"] and all(op["doc"] for op in by_name.values())


def test_the_stub_is_up_to_date():
    stub = ROOT / "cpp" / "bindings" / "stub.py"
    subprocess.run(
        [sys.executable, str(stub), "--check"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
    )
