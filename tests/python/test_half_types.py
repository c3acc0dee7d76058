"""float16 and bfloat16 arrays and ops: conversions, promotion, constants, results rounded once."""

import os
import subprocess
import sys

import ml_dtypes
import numpy as np
import pytest
from convcore import ops
from convcore.core import dtypes
from convcore.core.trace import TracedFunction
from convcore.core.variable import Variable

HALVES = {"float16": np.float16, "bfloat16": ml_dtypes.bfloat16}


@pytest.fixture(params=HALVES)
def half(request):
    return request.param


def test_cast_agrees_with_numpy(half):
    rng = np.random.default_rng(0)
    x = np.concatenate(
        [rng.standard_normal(999) * 10.0 ** rng.integers(-9, 6, 999), [0, -0.0, np.inf, np.nan]]
    )
    x = np.float32(x)
    with np.errstate(over="ignore"):
        expected = x.astype(HALVES[half])
    result = ops.cast(x, half)
    assert result.dtype == HALVES[half]
    np.testing.assert_array_equal(result.view(np.uint16)[:-1], expected.view(np.uint16)[:-1])
    assert np.isnan(result[-1])
    back = ops.cast(result, "float32")
    np.testing.assert_array_equal(back, expected.astype(np.float32))
    recorded = TracedFunction(lambda t: ops.cast(ops.cast(t, half), "float32"))
    np.testing.assert_array_equal(recorded(x), back)


@pytest.mark.parametrize("name", ["int32", "uint8", "bool", "int64", "float64", "uint32"])
def test_cast_to_and_from_other_types(half, name):
    x = np.asarray([0, 1, 3, 200], name)
    y = ops.cast(x, half)
    assert y.dtype == HALVES[half]
    np.testing.assert_array_equal(y.astype(np.float64), x.astype(np.float64))
    np.testing.assert_array_equal(ops.cast(y, name), x)


def test_promotion():
    f16, bf16, f32 = "float16", "bfloat16", "float32"
    cases = [
        ((f16, f16), f16),
        ((f16, bf16), f32),
        ((bf16, f32), f32),
        ((f16, "float64"), "float64"),
        ((f16, "int64"), f16),
        ((bf16, int), bf16),
        ((bf16, float), bf16),
        (("bool", f16), f16),
        ((f16, "int32", bf16, float), f32),
    ]
    for given, expected in cases:
        assert dtypes.result_type(*given) == expected, given
    x = np.ones(3, np.float16)
    assert (x + ops.ones(3)).dtype == np.float32
    assert (
        ops.add(x, 1).dtype
        == ops.multiply(x, 0.5).dtype
        == ops.add(x, np.ones(3, "int64")).dtype
        == np.float16
    )
    assert ops.add(x, ops.cast(x, "bfloat16")).dtype == np.float32


def test_ops_round_once(half):
    rng = np.random.default_rng(1)
    dtype = HALVES[half]
    x, y = (rng.standard_normal((4, 6)).astype(dtype) for _ in range(2))
    wide = np.float32(x), np.float32(y)
    cases = [
        (ops.add, wide[0] + wide[1]),
        (ops.divide, wide[0] / wide[1]),
        (lambda a, b: ops.matmul(a, ops.transpose(b)), wide[0] @ wide[1].T),
        (lambda a, b: ops.concatenate([a, b], 1), np.concatenate(wide, 1)),
        (lambda a, b: ops.where(ops.greater(a, b), a, b), np.maximum(*wide)),
        (lambda a, b: ops.pad(a, 1, constant_values=2), np.pad(wide[0], 1, constant_values=2)),
        (lambda a, b: ops.take(a, [2, 0], axis=1), wide[0][:, [2, 0]]),
    ]
    for fn, expected in cases:
        for result in (fn(x, y), TracedFunction(fn)(x, y)):
            assert result.dtype == dtype
            np.testing.assert_allclose(
                np.float32(result),
                expected.astype(dtype).astype(np.float32),
                rtol=1e-2 if half == "bfloat16" else 1e-3,
            )
    # 3,000 ones do not fit into float16's or bfloat16's whole numbers while they are summed one by one
    assert float(ops.sum(ops.ones(3000, dtype=half))) == float(dtype(3000))
    assert float(ops.mean(ops.full(100000, 3.0, dtype=half))) == 3.0


def test_constants_and_finite_limits(half):
    x = np.asarray([1, np.inf, -np.inf, np.nan], HALVES[half])
    limits = ml_dtypes.finfo(HALVES[half])
    np.testing.assert_array_equal(np.float64(ops.nan_to_num(x)), [1, float(limits.max), float(limits.min), 0])
    assert float(ops.saturate_cast(np.float32(3e38), half)) == min(
        float(limits.max), float(ml_dtypes.bfloat16(3e38))
    )
    for made in (
        ops.zeros(2, half),
        ops.full((2,), 3, half),
        ops.arange(3, dtype=half),
        ops.one_hot([1], 2, dtype=half),
    ):
        assert made.dtype == HALVES[half]


def test_variables_and_gradients(half):
    variable = Variable(np.asarray([1.0, 2.0, 3.0]), dtype=half)
    assert variable.dtype == half and variable.numpy().dtype == HALVES[half]

    def step(x):
        from convcore.core.trace import current_trace

        loss = ops.sum(ops.cast(ops.square(ops.multiply(variable, x)), "float32"))
        (gradient,) = current_trace().gradients(loss, [variable])
        variable.assign_sub(ops.multiply(gradient, 0.25))
        return loss, gradient

    loss, gradient = TracedFunction(step)(np.asarray([1, 0, 2], HALVES[half]))
    assert loss == 37 and gradient.dtype == HALVES[half]
    np.testing.assert_array_equal(np.float32(gradient), [2, 0, 24])
    np.testing.assert_array_equal(np.float32(variable.numpy()), [0.5, 2, -3])


def test_without_ml_dtypes_results_are_float32():
    code = """
import sys
sys.modules["ml_dtypes"] = None
import numpy as np
import convcore as cc
x = cc.ops.cast(np.float32([1.01, 3.0]), "bfloat16")
assert x.dtype == np.float32 and x.tolist() == [1.0078125, 3.0], x
layer = cc.layers.Dense(2, dtype="mixed_bfloat16", kernel_initializer="ones")
y = layer(np.float32([[1.0, 2.0]]))
assert y.dtype == np.float32 and y.tolist() == [[3.0, 3.0]], y
try:
    cc.layers.Dense(2, dtype="bfloat16").build((1, 2))
except ValueError as error:
    assert "pip install ml_dtypes" in str(error), error
else:
    raise AssertionError("no error")
cc.ops.cast(np.float16([1]), "float32")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=dict(os.environ), check=False
    )
    assert done.returncode == 0, done.stderr
