"""Recordings: structures, caching, conversion of inputs, errors."""

import threading

import numpy as np
import pytest
from convcore import KerasTensor, ops
from convcore.core import scope
from convcore.core.arrays import as_array
from convcore.core.trace import Trace, TracedFunction


def test_one_recording_serves_all_batch_sizes():
    recorded = []

    @TracedFunction
    def f(x):
        recorded.append(tuple(x.shape))
        return x * 2.0

    for n in (3, 5, 1):
        np.testing.assert_array_equal(f(np.ones((n, 4), "float32")), np.full((n, 4), 2))
    assert recorded == [(None, 4)]
    f(np.ones((3, 5), "float32"))
    f(np.ones(5, "float32"))
    f(np.float32(1))
    assert recorded == [(None, 4), (None, 5), (None,), ()]


def test_structures_and_static_arguments():
    f = TracedFunction(
        lambda data, scale=1.0: {"sum": data["a"] + data["b"][0], "b": (data["b"][0] * scale,)}
    )
    a, b = np.ones(3, "float32"), np.arange(3, dtype="float32")
    result = f({"b": [b], "a": a}, scale=3.0)
    np.testing.assert_array_equal(result["sum"], a + b)
    np.testing.assert_array_equal(result["b"][0], b * 3)
    np.testing.assert_array_equal(f({"b": [b], "a": a}, scale=2.0)["b"][0], b * 2)


def test_inputs_are_converted():
    f = TracedFunction(lambda x: x + 0)
    assert f(np.ones((2, 3))).dtype == np.float32
    assert f(np.ones((2, 3), "uint8")).dtype == np.uint8
    assert f(np.ones((2, 3), "int16")).dtype == np.int16
    assert f(np.ones((2, 3), "uint64")).dtype == np.int64
    strided = np.arange(12, dtype="float32").reshape(3, 4).T
    np.testing.assert_array_equal(f(strided), strided)


@pytest.mark.parametrize("bad", [np.array(["a"]), np.array([None]), np.array([1j]), [[1, 2], [3]]])
def test_arrays_of_other_things_are_refused(bad):
    with pytest.raises(ValueError, match="here: expected an array of"):
        as_array(bad, "here")


def test_finite_check_is_optional():
    x = np.array([1.0, np.nan], "float32")
    assert as_array(x, "here") is x
    with pytest.raises(ValueError, match="here: expected finite numbers"):
        as_array(x, "here", finite=True)


def test_symbols_do_not_pretend_to_have_values():
    with Trace() as trace:
        x = trace.input("float32", (None, 3), "x")
        with pytest.raises(TypeError, match="where"):
            bool(x > 0)
        with pytest.raises(TypeError, match="NumPy"):
            np.asarray(x)
        assert (np.ones(3, "float32") * x).shape == (None, 3)
    with pytest.raises(ValueError, match="recording that has ended"):
        ops.add(x, 1.0)
    with pytest.raises(ValueError, match="symbolic"):
        np.asarray(KerasTensor((1,)))


def test_comparisons_of_recorded_tensors_are_elementwise():
    x = np.array([0.0, 1.0, 2.0], "float32")
    for comparison, expected in (
        (lambda t: t == 0, [1, 0, 0]),
        (lambda t: t != 0, [0, 1, 1]),
        (lambda t: t == ops.abs(t), [1, 1, 1]),
        (lambda t: t == 1, [0, 1, 0]),
        (lambda t: t == np.array([0, 5, 2], "float32"), [1, 0, 1]),
        (lambda t: round(t * 1.3) > 1, [0, 0, 1]),
    ):
        traced = TracedFunction(lambda t, c=comparison: ops.cast(c(t), "int32"))
        np.testing.assert_array_equal(traced(x), expected)
    a = KerasTensor((3,))
    assert a in [a] and (a == KerasTensor((3,))) is False and {a: 1}[a] == 1


def test_threads_record_apart():
    f = TracedFunction(lambda x: ops.tanh(x) * 2.0)
    results = {}

    def work(n):
        results[n] = f(np.full((n, 2), 0.5, "float32"))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(results[n].shape == (n, 2) for n in range(1, 9))
    np.testing.assert_allclose(results[8], np.full((8, 2), 2 * np.tanh(0.5)), rtol=1e-6)


def test_structure_changes_record_again():
    factor = [2.0]
    f = TracedFunction(lambda x: x * factor[0])
    x = np.ones((1, 1), "float32")
    assert f(x) == 2
    factor[0] = 3.0
    assert f(x) == 2
    scope.structure_changed()
    assert f(x) == 3


def test_explain_and_profile():
    f = TracedFunction(lambda x: ops.exp(x) + 1.0)
    x = np.ones((2, 2), "float32")
    assert "float32 (2, 2)" in f.explain(x)
    assert {"op", "milliseconds"} <= set(f.profile(x, repeats=2)[0])


def test_nan_as_a_number_in_a_fused_chain():
    x = np.float32([[1, -2, 3], [-4, 5, -6]])
    recorded = TracedFunction(lambda v: ops.where(v < 0.0, np.nan, v * 2.0) + 1.0)(x)
    np.testing.assert_array_equal(recorded, np.where(x < 0, np.nan, x * 2) + 1)
