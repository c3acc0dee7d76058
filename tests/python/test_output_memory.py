"""Results are new arrays: memory is used again only when nobody holds it."""

import gc

import numpy as np
from convcore import _core


def doubling(shape):
    graph = _core.Graph()
    x = graph.input("float32", shape, "x")
    graph.output(graph.emit("add", [x, x])[0])
    return _core.Function(graph)


def test_held_results_are_never_written_again():
    shape = (64, 1024)  # large enough to be kept for later calls
    function = doubling(shape)
    held = [function(np.full(shape, i, np.float32))[0] for i in range(5)]
    views = [result[10:20] for result in held]
    del held
    gc.collect()
    for i in range(5, 10):
        function(np.full(shape, i, np.float32))
    for i, view in enumerate(views):
        np.testing.assert_array_equal(view, np.full((10, 1024), 2 * i, np.float32))


def test_dropped_results_give_their_memory_to_the_next():
    shape = (64, 1024)
    function = doubling(shape)
    x = np.ones(shape, np.float32)
    addresses = {function(x)[0].ctypes.data for _ in range(10)}
    assert len(addresses) <= 2


def test_results_of_other_sizes_are_right():
    for rows in (64, 16, 100, 64, 17):
        function = doubling((rows, 1024))
        x = np.arange(rows * 1024, dtype=np.float32).reshape(rows, 1024)
        np.testing.assert_array_equal(function(x)[0], 2 * x)
