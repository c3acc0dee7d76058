"""Element types: results and values of functions on every type and pair of types, beside Keras."""

import itertools

import convcore
import numpy as np
import ops_dtype_cases
import pytest
from convcore import ops
from convcore.core import dtypes
from convcore.core.trace import TracedFunction
from keras_on_numpy import ask

OURS, KERAS = ops_dtype_cases.results(ops), ask("ops_dtype_cases")
# Where Keras on NumPy differs from Keras on JAX, or makes what only bools in NumPy are.
OTHERWISE = {f"{name}-{pair}" for name in ("floor_divide", "power") for pair in ("bool-bool", "bool-True")}
OTHERWISE |= {"floor_divide-True-bool", "power-True-bool", "left_shift-bool-bool", "right_shift-bool-bool"}


def _differ(case):
    """How a result differs from Keras's: None, or a text."""
    ours, theirs = OURS[case], KERAS[case]
    name, *operands = case.split("-")
    if case in OTHERWISE or isinstance(theirs, str):
        return None
    if isinstance(ours, str):
        return f"{case}: {ours}"
    # Keras on NumPy reads numbers beside integers as int32 or float32 here
    if ours[0] != theirs[0] != "float64" and not (
        name in ("mod", "fmod", "arctan2") and {"2", "2.5"} & set(operands)
    ):
        return f"{case}: {ours[0]}, expected {theirs[0]}"
    near = ours[1].shape == theirs[1].shape and np.allclose(ours[1], theirs[1], 1e-2, 1e-2, equal_nan=True)
    return None if near else f"{case}: {ours[1]}, expected {theirs[1]}"


@pytest.mark.parametrize(
    "name", [*ops_dtype_cases.BINARY, *ops_dtype_cases.UNARY, *ops_dtype_cases.OF_FLOATS]
)
def test_types_and_values_are_those_of_keras(name):
    cases = [case for case in OURS if case.split("-")[0] == name]
    assert len(cases) >= 3
    assert [found for found in map(_differ, cases) if found] == []


def test_result_type_is_keras_for_all_pairs_of_at_most_32_bits():
    from oracle import keras

    names = [name for name in dtypes.SUPPORTED if "64" not in name] + [int, float, None]
    for pair in itertools.product(names, names):
        assert convcore.backend.result_type(*pair) == keras.backend.result_type(*pair), pair
    assert convcore.backend.result_type() == "float32"
    assert convcore.backend.result_type("int64", "uint8") == "int64"


@pytest.mark.parametrize("dtype", ["int8", "int16", "uint16"])
def test_recorded_narrow_integers_wrap_like_numpy(dtype):
    rng = np.random.default_rng(7)
    limits = np.iinfo(dtype)
    x, y = (rng.integers(limits.min, limits.max, (64,), dtype, endpoint=True) for _ in range(2))

    def chain(ops, x, y):
        total = ops.add(ops.multiply(x, y), x)
        return (
            ops.maximum(total, y),
            ops.bitwise_xor(total, ops.left_shift(y, x % 5)),
            ops.right_shift(x, y % 9),
        )

    class OnNumPy:
        add, multiply, maximum = np.add, np.multiply, np.maximum
        bitwise_xor, left_shift, right_shift = np.bitwise_xor, np.left_shift, np.right_shift

    x, y = np.abs(x // 2), np.abs(y // 2)
    expected = chain(OnNumPy, x, y)
    for found in (chain(ops, x, y), TracedFunction(lambda x, y: chain(ops, x, y))(x, y)):
        for ours, theirs in zip(found, expected, strict=True):
            assert ours.dtype == theirs.dtype == dtype
            np.testing.assert_array_equal(ours, theirs)


def test_floats_are_limited_to_the_range_of_integers():
    x = np.array([1.9, -1.9, 300, -300, 1e10, np.nan, np.inf], "float32")
    cases = {
        "int8": [1, -1, 127, -128, 127, 0, 127],
        "uint16": [1, 0, 300, 0, 65535, 0, 65535],
        "int32": [1, -1, 300, -300, 2**31 - 1, 0, 2**31 - 1],
    }
    for dtype, expected in cases.items():
        for found in (ops.cast(x, dtype), TracedFunction(lambda x, dtype=dtype: ops.cast(x, dtype))(x)):
            assert found.dtype == dtype
            np.testing.assert_array_equal(found, np.array(expected, dtype))


def test_variables_of_narrow_integers(tmp_path):
    class Counter(convcore.layers.Layer):
        def build(self, input_shape):
            self.seen = self.add_weight((2,), "zeros", "int16", trainable=False)

        def call(self, inputs):
            self.seen.assign_add(np.array([1, 2], "int16"))
            return inputs

    convcore.saving.register_keras_serializable(package="test_narrow")(Counter)
    model = convcore.Sequential([convcore.Input((2,)), Counter()])
    model.predict(np.zeros((1, 2)), verbose=0)
    model.layers[0].seen.assign(np.array([-300, 7]))
    assert model.layers[0].seen.numpy().dtype == np.int16
    model.save(tmp_path / "model.keras")
    again = convcore.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.layers[0].seen.numpy(), np.array([-300, 7], "int16"))


def test_draws_of_half_types_stay_below_the_end():
    for dtype in ("float16", "bfloat16"):
        numbers = np.asarray(convcore.random.uniform((60000,), 0.0, 3.0, dtype, seed=1), "float32")
        assert numbers.max() < 3.0 and numbers.min() >= 0.0


def test_wide_ranges_of_whole_numbers_have_all_digits():
    numbers = convcore.random.randint((4000,), 0, 2**31 - 1, seed=3)
    assert len(set(numbers & 0xFF)) == 256 and numbers.min() >= 0
    assert abs(numbers.astype("float64").mean() / 2**30 - 1) < 0.05
