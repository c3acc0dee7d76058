"""The extension: arrays in and out, errors, threads, fork, and the contract of variables."""

import gc
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from convcore import _core

ROOT = Path(__file__).resolve().parents[2]
DTYPES = ["bool", "uint8", "int32", "uint32", "int64", "float32", "float64"]


def variable(values, name="v"):
    array = np.asarray(values)
    made = _core.Variable(array.dtype.name, array.shape, name)
    made.array[...] = array
    made.touch()
    return made


def identity(dtype="float32", shape=(None, 4), name="x"):
    graph = _core.Graph()
    graph.output(graph.input(dtype, shape, name))
    return _core.Function(graph)


def small_network(rng, hidden=64):
    """conv, relu, dense, and the gradients of a loss with respect to both kernels."""
    kernel = variable(rng.standard_normal((3, 3, 3, hidden)).astype(np.float32), "kernel")
    weights = variable(rng.standard_normal((hidden, 10)).astype(np.float32), "weights")
    graph = _core.Graph()
    x = graph.input("float32", (None, 12, 12, 3), "x")
    k, w = graph.variable(kernel), graph.variable(weights)
    (h,) = graph.emit("conv", [x, k], {"padding": "same"})
    (h,) = graph.emit("relu", [h])
    (y,) = graph.emit("dense", [h, w])
    (loss,) = graph.emit("sum", graph.emit("square", [y]))
    for value in [y, loss, *graph.gradients(loss, [k, w])]:
        graph.output(value)
    return _core.Function(graph)


def run_python(code, **env):
    """Runs `code` in a fresh interpreter; returns what it printed."""
    path = os.pathsep.join([str(Path(_core.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path, **env},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


# Arrays


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3), (2, 3, 4)])
def test_every_dtype_and_rank_passes_through(dtype, shape):
    x = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
    (y,) = identity(dtype, [None] * len(shape))(x)
    assert y.dtype == x.dtype and y.shape == x.shape and y.flags.c_contiguous and y.flags.writeable
    assert y is not x and not np.shares_memory(x, y)
    np.testing.assert_array_equal(x, y)


def test_large_outputs_are_aligned_and_outlive_the_function():
    function = identity()
    x = np.random.default_rng(0).random((1000, 4), np.float32)
    (y,) = function(x)
    assert y.ctypes.data % 64 == 0
    del function
    gc.collect()
    np.testing.assert_array_equal(x, y)


def test_read_only_inputs_are_accepted_and_equal_dtypes_recognised():
    x = np.ones((2, 4), np.float32)
    x.flags.writeable = False
    np.testing.assert_array_equal(identity()(x)[0], x)
    longlong = np.arange(4, dtype=np.longlong).reshape(1, 4)
    np.testing.assert_array_equal(identity("int64")(longlong)[0], longlong)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ([], "Function: expected 1 input, received 0"),
        ([np.zeros((1, 4), np.float32)] * 2, "Function: expected 1 input, received 2"),
        ([np.zeros((1, 4))], 'input 0 "x": expected float32 (None, 4), received float64 (1, 4)'),
        ([np.zeros((1, 5), np.float32)], 'input 0 "x": expected float32 (None, 4), received float32 (1, 5)'),
        ([np.zeros(4, np.float32)], 'input 0 "x": expected float32 (None, 4), received float32 (4,)'),
        ([np.zeros((4, 8), np.float32)[:, ::2]], "received an array that is not C-contiguous and aligned"),
        ([np.zeros((1, 4), ">f4")], "received an array of a dtype that convcore does not have"),
        ([np.zeros((1, 4), object)], "received an array of a dtype that convcore does not have"),
        ([np.zeros((1, 4), np.float16)], "received an array of a dtype that convcore does not have"),
        (
            [[[1, 2, 3, 4]]],
            'input 0 "x": expected a C-contiguous NumPy array, float32 (None, 4), received list',
        ),
    ],
)
def test_calls_refuse_what_does_not_fit(arrays, message):
    with pytest.raises(_core.Error) as caught:
        identity()(*arrays)
    assert message in str(caught.value)


def test_errors_are_value_errors():
    assert issubclass(_core.Error, ValueError) and issubclass(_core.ModelFormatError, _core.Error)
    with pytest.raises(TypeError):
        identity()(x=np.zeros((1, 4), np.float32))


def test_memory_that_cannot_be_had_is_a_memory_error():
    with pytest.raises(MemoryError):
        _core.Variable("float32", (1 << 50,), "large")
    with pytest.raises(_core.Error):
        _core.Variable("float32", (1 << 40, 1 << 40), "overflow")


def test_many_inputs_and_outputs():
    graph = _core.Graph()
    for i in range(40):
        graph.output(graph.input("float32", (None,), f"x{i}"))
    arrays = [np.full(i, i, np.float32) for i in range(40)]
    for given, returned in zip(arrays, _core.Function(graph)(*arrays), strict=True):
        np.testing.assert_array_equal(given, returned)


# Variables


def test_array_is_the_memory_of_the_variable_and_keeps_it_alive():
    v = variable(np.arange(6, dtype=np.float32).reshape(2, 3))
    graph = _core.Graph()
    graph.output(graph.variable(v))
    function = _core.Function(graph)
    view = v.array
    assert np.shares_memory(view, v.array) and view.ctypes.data % 64 == 0
    view[0, 0] = 42
    v.touch()
    assert function()[0][0, 0] == 42
    del v, function, graph
    gc.collect()
    assert view[0, 0] == 42 and view.shape == (2, 3)


def test_all_reads_see_the_old_value():
    a, b = variable(np.float32([1, 2])), variable(np.float32([3, 4]))
    graph = _core.Graph()
    va, vb = graph.variable(a), graph.variable(b)
    (total,) = graph.emit("add", [va, vb])
    graph.update(a, vb)
    graph.update(b, total)
    for value in (va, vb):
        graph.output(value)
    old_a, old_b = _core.Function(graph)()
    assert old_a.tolist() == [1, 2] and old_b.tolist() == [3, 4]
    assert a.array.tolist() == [3, 4] and b.array.tolist() == [4, 6]


def test_packed_weights_follow_writes_and_updates():
    rng = np.random.default_rng(1)
    weights = variable(rng.standard_normal((8, 5)).astype(np.float32))
    x = rng.standard_normal((3, 8)).astype(np.float32)
    graph = _core.Graph()
    graph.output(graph.emit("dense", [graph.input("float32", (None, 8), "x"), graph.variable(weights)])[0])
    predict = _core.Function(graph)
    graph = _core.Graph()
    w = graph.variable(weights)
    graph.update(weights, graph.emit("multiply", [w, graph.scalar(2.0)])[0])
    double = _core.Function(graph)
    for _ in range(2):
        np.testing.assert_allclose(predict(x)[0], x @ weights.array, rtol=1e-5, atol=1e-6)
        double()
        np.testing.assert_allclose(predict(x)[0], x @ weights.array, rtol=1e-5, atol=1e-6)
        weights.array[...] = rng.standard_normal((8, 5))
        weights.touch()


# Graphs


def test_values_are_equal_by_graph_and_id():
    graph, other = _core.Graph(), _core.Graph()
    x, y = graph.input("float32", (None, 3), "x"), other.input("float32", (None, 3), "x")
    (z,) = graph.emit("relu", [x])
    assert x == next(iter({x})) and x != z and x != y and len({x, y, z, x}) == 3
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


# Threads, processes


def test_results_do_not_depend_on_the_number_of_threads():
    function = small_network(np.random.default_rng(2))
    x = np.random.default_rng(3).standard_normal((16, 12, 12, 3)).astype(np.float32)
    try:
        _core.set_num_threads(1)
        expected = function(x)
        for n in (2, 3, 5, 8):
            _core.set_num_threads(n)
            assert _core.num_threads() == n
            for one, other in zip(expected, function(x), strict=True):
                np.testing.assert_array_equal(one, other)
    finally:
        _core.set_num_threads(0)


def test_a_row_of_a_batch_equals_the_row_alone():
    function = small_network(np.random.default_rng(2))
    x = np.random.default_rng(3).standard_normal((9, 12, 12, 3)).astype(np.float32)
    batch = function(x)[0]
    for i in range(9):
        np.testing.assert_array_equal(batch[i : i + 1], function(x[i : i + 1])[0])


def test_thread_counts_are_checked():
    with pytest.raises(_core.Error, match="expected a number of threads from 1 to"):
        _core.set_num_threads(-1)
    assert (
        run_python("from convcore import _core; print(_core.num_threads())", CONVCORE_NUM_THREADS="3") == "3"
    )
    refused = "from convcore import _core\ntry: _core.num_threads()\nexcept _core.Error as e: print(e)"
    assert "CONVCORE_NUM_THREADS: expected a whole number" in run_python(refused, CONVCORE_NUM_THREADS="many")


def test_isas():
    assert _core.isa() in _core.available_isas()
    for isa in _core.available_isas():
        assert run_python("from convcore import _core; print(_core.isa())", CONVCORE_ISA=isa) == isa


def test_the_interpreter_runs_while_a_function_does():
    graph = _core.Graph()
    a = graph.input("float32", (None, 1500), "a")
    b = graph.input("float32", (1500, 1500), "b")
    for _ in range(3):
        (a,) = graph.emit("dense", [a, b])
    graph.output(a)
    function, ones = _core.Function(graph), np.ones((1500, 1500), np.float32)
    took = []

    def work():
        begin = time.perf_counter()
        function(ones, ones)
        took.append(time.perf_counter() - begin)

    thread = threading.Thread(target=work)
    thread.start()
    ticks, begin = 0, time.perf_counter()
    while not took:
        time.sleep(0.0005)
        ticks += 1
    thread.join()
    assert ticks > 3 and (time.perf_counter() - begin) / ticks < max(0.05, took[0] / 2)


def test_importing_starts_no_thread():
    code = """
import os, numpy
count = lambda: len(os.listdir("/proc/self/task"))
before = count()
from convcore import _core
_core.num_threads(), _core.isa(), _core.ops()
print(count() - before)
"""
    assert run_python(code) == "0"


@pytest.mark.parametrize("threads", [1, 2])
def test_a_forked_child_computes_the_same(threads):
    code = f"""
import os, signal, sys
import numpy as np
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_core import small_network
from convcore import _core
_core.set_num_threads({threads})
function = small_network(np.random.default_rng(0))
x = np.ones((16, 12, 12, 3), np.float32)
expected = [y.tobytes() for y in function(x)]
child = os.fork()
if child == 0:
    signal.alarm(60)
    same = [y.tobytes() for y in function(x)] == expected
    os._exit(0 if same else 1)
_, status = os.waitpid(child, 0)
print(status, [y.tobytes() for y in function(x)] == expected)
"""
    assert run_python(code) == "0 True"


def test_profile_tells_where_the_time_goes():
    function = small_network(np.random.default_rng(2))
    rows = function.profile(np.ones((4, 12, 12, 3), np.float32), repeats=3)
    ops = {row["op"] for row in rows}
    assert {"conv", "dense"} <= ops
    conv = next(row for row in rows if row["op"] == "conv")
    assert conv["operations"] == 2 * (4 * 12 * 12 * 64) * (3 * 3 * 3)
    dense = {row["op"]: row["operations"] for row in rows if row["op"].startswith("dense")}
    assert set(dense.values()) == {2.0 * (4 * 12 * 12) * 64 * 10} and len(dense) == 3
    for row in rows:
        assert row["milliseconds"] >= 0 and row["bytes"] > 0 and row["operations"] > 0
        assert row["implementation"] and "(" in row["output"]


def test_a_call_is_cheap():
    function, x = identity(), np.zeros((1, 4), np.float32)
    function(x)
    best = min(timed(function, x) for _ in range(20))
    assert best < 20e-6  # about 0.5 microseconds where nothing else runs


def timed(function, x, repeats=200):
    begin = time.perf_counter()
    for _ in range(repeats):
        function(x)
    return (time.perf_counter() - begin) / repeats
