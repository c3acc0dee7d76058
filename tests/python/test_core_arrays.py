"""The extension: arrays in and out, what it refuses, and the contract of variables."""

import gc

import numpy as np
import pytest
from convcore import _core
from core_graphs import identity, variable

DTYPES = ["bool", "uint8", "int8", "int16", "uint16", "int32", "uint32", "int64", "float32", "float64"]


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
        ([np.zeros((1, 4), np.uint64)], "received an array of a dtype that convcore does not have"),
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


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_all_finite_finds_one_element_anywhere(dtype):
    x = np.linspace(-1, 1, 5000).astype(dtype)
    x[:3] = [np.finfo(dtype).max, np.finfo(dtype).smallest_subnormal, -0.0]
    assert _core.all_finite(x)
    for position in (0, 2047, 2048, 4999):
        for value in (np.nan, np.inf, -np.inf):
            bad = x.copy()
            bad[position] = value
            assert not _core.all_finite(bad), (position, value)


def test_all_finite_of_integers_of_nothing_and_of_what_it_cannot_read():
    assert _core.all_finite(np.full(7, -1, np.int32))  # all bits set
    assert _core.all_finite(np.zeros((0, 3), np.float32))
    assert not _core.all_finite(np.zeros((4, 4), np.float32)[:, ::2])
    assert not _core.all_finite([1.0])
