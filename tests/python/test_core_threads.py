"""The extension: threads, forked processes, instruction sets, times."""

import threading
import time
from pathlib import Path

import numpy as np
import pytest
from convcore import _core
from core_graphs import identity, run_python, small_network


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
from core_graphs import small_network
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
