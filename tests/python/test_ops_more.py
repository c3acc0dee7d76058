"""Norms, spaced numbers, recorded places and shares, products of whole numbers, functions as operations."""

import convcore
import numpy as np
import pytest
from convcore import KerasTensor, ops
from convcore.core.dispatch import find_operation
from convcore.core.trace import TracedFunction

RNG = np.random.default_rng(5)
X = RNG.normal(size=(4, 6)).astype("float32")
ORDERS = [None, 0, 1, -1, 2, -2, 3, 0.5, np.inf, -np.inf]


def recorded(fn, *arrays):
    return TracedFunction(fn, dynamic_batch=False)(*arrays)


@pytest.mark.parametrize("ord", ORDERS)
@pytest.mark.parametrize("keepdims", [False, True])
def test_norms_of_vectors(ord, keepdims):
    expected = np.linalg.norm(X.astype("float64"), ord, axis=1, keepdims=keepdims)
    for ours in (
        ops.norm(X, ord, axis=1, keepdims=keepdims),
        recorded(lambda x: ops.norm(x, ord, axis=1, keepdims=keepdims), X),
    ):
        np.testing.assert_allclose(ours, expected, rtol=1e-5)


@pytest.mark.parametrize("ord", [None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf])
@pytest.mark.parametrize("keepdims", [False, True])
def test_norms_of_matrices(ord, keepdims):
    cube = np.stack([X, X[::-1] * 2, X + 1]).transpose(1, 0, 2)
    for x, axis in ((X, None), (X, (-1, 0)), (cube, (0, 2))):
        ours = ops.norm(x, ord, axis, keepdims)
        np.testing.assert_allclose(ours, np.linalg.norm(x, ord, axis, keepdims), rtol=1e-5)
    with pytest.raises(ValueError, match="Invalid axis values"):
        ops.norm(cube, 1)


def test_spaced_numbers_between_recorded_ends():
    start, stop = np.float32([1, 2, 3]), np.float32([[5, 4, 9], [1, 8, 27]])
    for name in ("linspace", "logspace", "geomspace"):
        for axis in (0, 1, -1):
            expected = getattr(np, name)(start, stop, 5, axis=axis)
            fn = getattr(ops, name)
            np.testing.assert_allclose(fn(start, stop, 5, axis=axis), expected, rtol=1e-6)
            ours = recorded(lambda a, b, fn=fn, axis=axis: fn(a, b, 5, axis=axis), start, stop)
            np.testing.assert_allclose(ours, expected, rtol=2e-5)
    values, step = ops.linspace(0, 3, 4, endpoint=False, retstep=True)
    np.testing.assert_array_equal(values, np.linspace(0, 3, 4, endpoint=False))
    assert step == 0.75 and ops.linspace(np.float16(0), np.float16(1), 3).dtype == "float16"


def test_blocks_at_recorded_places():
    for start in ([1, 2], [0, 0], [3, 5], [-1, 4]):
        row, column = (max(0, min(s, n - m)) for s, n, m in zip(start, X.shape, (2, 3), strict=True))
        block = X[row : row + 2, column : column + 3]
        start = np.array(start, "int32")
        np.testing.assert_array_equal(recorded(lambda x, s: ops.slice(x, s, (2, 3)), X, start), block)
        changed = X.copy()
        changed[row : row + 2, column : column + 3] = -block
        np.testing.assert_array_equal(recorded(ops.slice_update, X, start, -block), changed)
    assert ops.slice(KerasTensor((4, 6)), KerasTensor((2,), "int32"), (2, 3)).shape == (2, 3)


def test_quantiles_of_recorded_shares():
    shares = np.float32([0.3, 0.5, 1.0])
    for method in ("linear", "lower", "higher", "nearest", "midpoint"):
        expected = np.quantile(X, shares.astype("float64"), axis=1, method=method)
        for fn in (ops.quantile, ops.nanquantile):
            found = recorded(lambda x, q, fn=fn, method=method: fn(x, q, axis=1, method=method), X, shares)
            np.testing.assert_allclose(found, expected, rtol=1e-5)
    np.testing.assert_allclose(
        recorded(lambda x, q: ops.percentile(x, q), X, np.float32(40)), np.percentile(X, 40), rtol=1e-5
    )


def test_extrema_of_nothing_are_the_initial_value():
    nothing = np.zeros((2, 0), "float32")
    np.testing.assert_array_equal(ops.max(nothing, axis=1, initial=3), [3, 3])
    np.testing.assert_array_equal(ops.min(nothing, initial=-1, keepdims=True), [[-1]])
    np.testing.assert_array_equal(ops.max(X, axis=0, initial=0.5), np.max(X, axis=0, initial=0.5))


def test_numbers_beside_tensors_take_their_type():
    x = np.float32([2, 3, np.nan])
    np.testing.assert_array_equal(ops.isclose(x, 2), [True, False, False])
    np.testing.assert_array_equal(ops.isin(x, 3), [False, True, False])
    np.testing.assert_allclose(ops.arctan2(x[:2], 1), np.arctan2(x[:2], 1), rtol=1e-6)
    np.testing.assert_array_equal(ops.fmod(x[:2], 2), [0, 1])
    np.testing.assert_array_equal(ops.fmax(x, 2), [2, 3, 2])


def test_products_of_whole_numbers_and_of_higher_ranks():
    a, b = RNG.integers(-9, 9, (3, 4)), RNG.integers(-9, 9, (5, 4, 2))
    np.testing.assert_array_equal(ops.dot(a, b), np.dot(a, b))
    np.testing.assert_array_equal(ops.matmul(a, b), a @ b)
    np.testing.assert_array_equal(recorded(ops.matmul, a, b), a @ b)
    np.testing.assert_array_equal(
        ops.correlate(a[0], b[0, :, 1], "full"), np.correlate(a[0], b[0, :, 1], "full")
    )


def test_parts_of_complex_numbers():
    x = np.float32([2, -3, 0, np.nan])
    np.testing.assert_allclose(ops.angle(x), np.angle(x), rtol=1e-7)
    for name in ("real", "imag", "conj", "isreal"):
        np.testing.assert_array_equal(getattr(ops, name)(x), getattr(np, name)(x))


def test_operations_take_settings_in_order():
    flipped = find_operation("Flip")(1)
    np.testing.assert_array_equal(flipped(X), X[:, ::-1])
    assert flipped.symbolic_call(KerasTensor((4, 6))).shape == (4, 6)
    assert find_operation("Sum")(axis=0, keepdims=True)(X).shape == (1, 6)


def test_functions_of_tensors_that_no_operation_made():
    x, y = KerasTensor((None, 3)), KerasTensor((None, 3))
    total = x + y
    fn = convcore.Function({"a": x, "b": y}, [total * 2, total])
    twice, once = fn({"a": np.ones((2, 3)), "b": np.ones((2, 3))})
    np.testing.assert_array_equal(twice, 2 * once)
    assert fn.compute_output_shape({"a": (4, 3), "b": (4, 3)}) == [(4, 3), (4, 3)]
    inner = convcore.Function(total, total**2)
    assert [op.name.split("_")[0] for op in inner.operations] == ["power"]
    for wrong, message in (([X, X], "invalid input structure"), ({"a": X, "b": X}, "incompatible inputs")):
        with pytest.raises(ValueError, match=message):
            fn(wrong)
    with pytest.raises(ValueError, match="`outputs` argument cannot be empty"):
        convcore.Function(x, [])


def test_name_scopes():
    with convcore.name_scope("outer"), convcore.name_scope("inner", override_parent="/a/b"):
        assert convcore.Variable(1.0, name="v").path == "a/b/inner/v"
    with convcore.name_scope("same", caller=1), convcore.name_scope("same", caller=1):
        assert convcore.Variable(1.0, name="v").path == "same/v"
    with pytest.raises(ValueError, match="must be a string"):
        convcore.name_scope("a/b")


def test_variables_refuse_constraints_that_cannot_be_called():
    v = convcore.Variable(1.0)
    v.constraint = v.regularizer = np.abs
    for name in ("constraint", "regularizer"):
        with pytest.raises(ValueError, match=f"Invalid value for attribute `{name}`"):
            setattr(v, name, "clip")


def test_lists_of_whole_numbers_are_int32():
    assert ops.convert_to_tensor([1, 2]).dtype == convcore.Variable([[1], [2]]).dtype == "int32"
    assert ops.convert_to_tensor([1, 2**40]).dtype == ops.convert_to_tensor(np.arange(3)).dtype == "int64"


def test_quantiles_between_infinities():
    x = np.float32([[1, np.inf, np.inf], [-np.inf, -np.inf, 2]])
    for fn in (ops.median, ops.nanmedian):
        np.testing.assert_array_equal(fn(x, axis=1), [np.inf, -np.inf])


def test_different_elements_with_nan_and_places_beyond_the_last():
    values = ops.unique(np.float32([1, np.nan, 2, np.nan]))
    assert np.isnan(values).sum() == 2
    rows = np.array([[1, 0], [0, 1], [1, 0]])
    values, index, counts = ops.unique(rows, return_index=True, return_counts=True, axis=0, size=3)
    np.testing.assert_array_equal(values, [[0, 1], [1, 0], [0, 0]])
    assert index.tolist() == [1, 0, 1] and counts.tolist() == [1, 2, 0]


def test_whole_numbers_are_rounded_to_tens():
    np.testing.assert_array_equal(ops.round(np.array([123, 235, -17]), -1), np.round([123, 235, -17], -1))


def test_loops_over_symbolic_rows():
    rows = KerasTensor((None, 3))
    assert ops.map(lambda row: row * 2, rows).shape == (None, 3)
    assert ops.vectorized_map(lambda row: row + 1, rows).shape == (None, 3)
    carry, sums = ops.scan(lambda total, row: (total + row, total), KerasTensor((3,)), rows)
    assert carry.shape == (3,) and sums.shape == (None, 3)
    grids = ops.meshgrid(KerasTensor((2,)), KerasTensor((5,)), indexing="ij")
    assert [grid.shape for grid in grids] == [(2, 5)] * 2


def test_segments_of_other_lengths_are_refused():
    for ids, message in (([0, 1], "same leading dimension"), ([[0], [1], [1]], "1-D vector")):
        for fn in (ops.segment_sum, ops.segment_max):
            with pytest.raises(ValueError, match=message):
                fn(np.ones((3, 2)), np.array(ids))


def test_images_of_half_types_keep_their_type():
    images = np.ones((1, 8, 8, 3), "float16")
    corners = np.float32([[0, 0], [0, 7], [7, 0], [7, 7]])
    made = [
        ops.image.perspective_transform(images, corners, corners),
        ops.image.elastic_transform(images),
        ops.image.gaussian_blur(images, np.array([3, 3])),
        ops.image.resize(images, (4, 4)),
    ]
    assert [x.dtype.name for x in made] == ["float16"] * 4


def test_rearrange():
    x = RNG.normal(size=(2, 6, 8, 3)).astype("float32")
    cases = {
        "b h w c -> b c h w": ({}, x.transpose(0, 3, 1, 2)),
        "b h w c -> (b h) w c": ({}, x.reshape(12, 8, 3)),
        "b h w c -> h (b w) c": ({}, x.transpose(1, 0, 2, 3).reshape(6, 16, 3)),
        "b (h s) (w t) c -> b h w (s t c)": (
            {"s": 2, "w": 4},
            x.reshape(2, 3, 2, 4, 2, 3).transpose(0, 1, 3, 2, 4, 5).reshape(2, 3, 4, 12),
        ),
    }
    for pattern, (sizes, expected) in cases.items():
        np.testing.assert_array_equal(ops.rearrange(x, pattern, **sizes), expected)
    inputs = convcore.Input((6, 8, 3))
    model = convcore.Model(inputs, ops.rearrange(inputs, "b (h s) w c -> b h w (s c)", s=2))
    again = convcore.Model.from_config(model.get_config())
    expected = x.reshape(2, 3, 2, 8, 3).transpose(0, 1, 3, 2, 4).reshape(2, 3, 8, 6)
    np.testing.assert_array_equal(again.predict(x, verbose=0), expected)
    assert model.output_shape == (None, 3, 8, 6)
    for pattern, message in (
        ("b h w -> b h w", "3 axes"),
        ("b h w c -> b h w", "same names"),
        ("b (h h) w c -> b h w c", "every name once"),
        ("b (h s) w c -> b h s w c", "all but one"),
    ):
        with pytest.raises(ValueError, match=message):
            ops.rearrange(x, pattern)
    with pytest.raises(ValueError, match="whose product is 6"):
        ops.rearrange(x, "b (h s) w c -> b h s w c", s=4)


def test_arguments_of_another_kind_are_refused():
    for fn, message in (
        (lambda: ops.rot90(X, axes=(1, -1)), "two different axes"),
        (lambda: ops.argpartition(X, (1, 2)), "kth must be an integer"),
        (lambda: ops.histogram(X[0], range=(1,)), "tuple of two elements"),
        (lambda: ops.pad(X, 1, "reflect", constant_values=1), "constant_values"),
        (lambda: ops.swapaxes(X, 0, 5), "out of bounds"),
        (lambda: ops.where(X > 0, X), "should be `None`"),
    ):
        with pytest.raises(ValueError, match=message):
            fn()


def test_sums_of_float16_that_leave_its_range():
    x = np.float16([[-741.0, 353.2, 1099.0, -1807.0, 502.8], [180, -240.9, 112.9, 430.0, -1000.1]])
    mean, variance = ops.moments(x, [0, 1])
    assert mean.dtype == variance.dtype == "float16" and variance == np.finfo("float16").max
    np.testing.assert_allclose(mean, x.astype("float32").mean(), rtol=1e-3)
    scores = RNG.normal(size=(1, 3, 4))
    loss = ops.ctc_loss([[1, 2]], scores.astype("float16"), [2], [3])
    assert loss.dtype == "float32"
    np.testing.assert_allclose(loss, ops.ctc_loss([[1, 2]], scores, [2], [3]), rtol=1e-2)


def test_sums_of_products_of_narrow_integers():
    a = np.ones((2, 3), "int8")
    assert ops.einsum("ij,kj->ik", a, a).dtype == "int32"
    assert ops.einsum("ij,kj->ik", a, a > 0).dtype == "int8"
    assert ops.einsum("ij->i", a > 0).dtype == bool


def test_shares_are_inputs_of_operations():
    x, q = convcore.Input((6,)), convcore.Input(batch_shape=(3,))
    model = convcore.Model([x, q], ops.quantile(x, q, axis=1))
    assert model.output_shape == (3, None)
    np.testing.assert_allclose(ops.quantile(KerasTensor((2, 3)), 0.5).shape, ())
