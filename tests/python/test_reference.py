"""Every op of the core against its function in convcore.testing.reference; an op without one fails.

The cases are in reference_cases.py, which takes those of test_gradients.py too.
"""

import convcore
import numpy as np
import pytest
from convcore import _core, activations, layers
from convcore.testing import reference
from reference_cases import CASES
from test_gradients import CASES as DIFFERENTIATED
from test_gradients import STATE, normal

NAMES = [op["name"] for op in _core.ops()]
# Relative to the largest result. float32: sums of some hundred products, functions that are good to a few
# units in the last place, positions of pixels; float64: the C++ reference kernels.
BOUNDS = {"float32": 2e-6, "float64": 1e-13}
# all others take float64 too
SINGLE = {
    "batch_norm_apply",
    "batch_norm_backward_apply",
    "batch_norm_backward_join",
    "batch_norm_backward_statistics",
    "batch_norm_join",
    "batch_norm_statistics",
    "native_activation",
    "random_normal",
    "random_uniform",
    "size",
}


@pytest.fixture(scope="module", autouse=True)
def native():
    """A function of compiled code, by way of ctypes, and what it computes."""
    from test_native_activation import DERIVATIVE, VALUE

    activations.register_native("reference_softsign", value=VALUE, derivative=DERIVATIVE)
    formulas = (lambda x: x / (1 + np.abs(x)), lambda x: (1 / (1 + np.abs(x))) ** 2)
    reference.NATIVE["reference_softsign"] = formulas
    yield
    del reference.NATIVE["reference_softsign"]


def test_every_op_has_a_reference_and_a_case():
    assert set(reference.OPS) == set(NAMES), "see docs/adding-an-op.md: convcore.testing.reference"
    assert set(CASES) == set(NAMES), "add cases for these ops to tests/python/test_reference.py"


def _tuple(results):
    return results if isinstance(results, tuple) else (results,)


def _compare(actual, expected, bound):
    assert actual.shape == expected.shape
    if expected.dtype.kind != "f":
        # results of a fused program are floats, truth values too
        assert actual.dtype == expected.dtype or (actual.dtype.kind, expected.dtype.kind) == ("f", "b")
        np.testing.assert_array_equal(actual, expected)
    else:
        largest = np.abs(expected[np.isfinite(expected)]).max(initial=1e-30)
        np.testing.assert_allclose(np.float64(actual), expected, rtol=bound, atol=bound * largest)


@pytest.mark.parametrize("op", NAMES)
def test_the_core_computes_what_the_reference_says(op):
    for inputs, attrs in CASES[op]:
        for dtype, bound in BOUNDS.items():
            if dtype == "float64" and op in SINGLE:
                continue
            given = [x.astype(dtype) if x.dtype == np.float64 else x for x in inputs]
            wanted = _tuple(reference.OPS[op](*given, **attrs))
            for actual, expected in zip(_core.run_op(op, given, attrs), wanted, strict=True):
                _compare(actual, np.asarray(expected), bound)


COPIES = [
    "transpose",
    "pad",
    "slice",
    "slice_backward",
    "concatenate",
    "concatenate_backward",
    "up_sample",
    "take",
]


@pytest.mark.parametrize(
    "op", [*COPIES, "broadcast_to", "flatten", "reshape", "squeeze", "where", "relu", "max_pool"]
)
def test_what_only_moves_numbers_is_equal(op):
    for inputs, attrs in CASES[op]:
        given = [x.astype("float32") if x.dtype == np.float64 else x for x in inputs]
        for actual, expected in zip(
            _core.run_op(op, given, attrs), _tuple(reference.OPS[op](*given, **attrs)), strict=True
        ):
            np.testing.assert_array_equal(actual, expected)


# The generator. The words are those that its authors give ("kat_vectors" of Random123).
@pytest.mark.parametrize(
    "counter, key, words",
    [
        ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
        ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            [0xA4093822, 0x299F31D0],
            [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
        ),
    ],
)
def test_philox_gives_the_words_of_its_authors(counter, key, words):
    assert [int(word) for word in reference.philox4x32(counter, key)] == words


def test_uniform_numbers_and_decisions_are_equal():
    attrs = {"shape": [7, 333]}
    expected = reference.OPS["random_uniform"](STATE, **attrs)
    np.testing.assert_array_equal(_core.run_op("random_uniform", [STATE], attrs)[0], expected)
    dropped = reference.OPS["dropout"](np.ones((7, 333)), STATE, rate=0.3) == 0
    np.testing.assert_array_equal(dropped, expected < np.float32(0.3))


def _norm_inputs(x, gamma, beta, dy, attrs):
    return [x, gamma, *reference.OPS["batch_norm_training"](x, gamma, beta, **attrs)[1:], dy]


# The gradients by themselves: op -> (the op that it is of, for which input, its own inputs).
_OF = {
    "conv_backward_input": ("conv", 0, lambda x, k, dy, _: [dy, k, x]),
    "conv_backward_filter": ("conv", 1, lambda x, k, dy, _: [x, dy, k]),
    "dense_backward_input": ("dense", 0, lambda x, k, dy, _: [dy, k]),
    "dense_backward_filter": ("dense", 1, lambda x, k, dy, _: [x, dy]),
    "max_pool_backward": ("max_pool", 0, lambda x, dy, _: [x, None, dy]),
    "average_pool_backward": ("average_pool", 0, lambda x, dy, _: [dy, x]),
    "l2_pool_backward": ("l2_pool", 0, lambda x, dy, _: [x, None, dy]),
    "resize_backward": ("resize", 0, lambda x, dy, _: [dy, x]),
    "affine_transform_backward": ("affine_transform", 0, lambda x, transform, dy, _: [dy, transform]),
    "layer_norm_backward": ("layer_norm", 0, lambda x, gamma, beta, dy, _: [x, gamma, dy]),
    "batch_norm_training_backward": ("batch_norm_training", 0, _norm_inputs),
    "slice_backward": ("slice", 0, lambda x, dy, _: [dy, x]),
    "take_backward": ("take", 0, lambda x, indices, dy, _: [dy, indices, x]),
}


@pytest.mark.parametrize("op", sorted(_OF))
def test_gradients_of_the_reference_are_differences_of_it(op):
    forward, k, own_inputs = _OF[op]
    for inputs, attrs in DIFFERENTIATED[forward]:
        inputs = inputs[:2] if forward in ("conv", "dense") else inputs

        def result(step, direction, inputs=inputs, attrs=attrs):
            moved = [x + step * direction if i == k else x for i, x in enumerate(inputs)]
            return _tuple(reference.OPS[forward](*moved, **attrs))[0]

        direction = np.sin(np.arange(1, inputs[k].size + 1)).reshape(inputs[k].shape)
        up, down = result(1e-5, direction), result(-1e-5, direction)
        dy = np.cos(np.arange(up.size)).reshape(up.shape)
        (gradient, *_) = _tuple(reference.OPS[op](*own_inputs(*inputs, dy, attrs), **attrs))
        expected = (dy * (up - down)).sum() / 2e-5
        np.testing.assert_allclose((gradient * direction).sum(), expected, rtol=1e-6, atol=1e-7)


def test_whole_models(tmp_path):
    convcore.utils.set_random_seed(2)
    model = convcore.Sequential(
        [
            convcore.Input((9, 8, 3)),
            layers.Conv2D(5, 3, activation="gelu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.Dropout(0.3),
            layers.Flatten(),
            layers.Dense(4, activation="softmax"),
        ]
    )
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    x, y = normal(3, 9, 8, 3).astype("float32"), np.eye(4, dtype="float32")[[0, 2, 1]]
    (predicted,) = reference.run(model, x)
    np.testing.assert_allclose(model.predict(x, verbose=0), predicted, atol=1e-6)

    model.export(tmp_path / "model.convcore", training=True)
    rows = reference.compare(tmp_path / "model.convcore", x, y, function="train_step")
    assert max(row["error"] for row in rows) < 2e-6
    assert {"dropout", "conv_backward_filter_bias", "max_pool_backward"} <= {row["op"] for row in rows}
    with pytest.raises(ValueError, match="expected 1 inputs; received 2"):
        reference.run(model, x, y)
    with pytest.raises(ValueError, match="a function of predict; received 'fit'"):
        reference.run(model, x, function="fit")
