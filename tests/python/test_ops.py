"""ops against NumPy: values, dtypes, the three kinds of tensors, indexing, cross-entropies."""

import math

import convcore
import numpy as np
import pytest
from convcore import KerasTensor, ops
from convcore.core.trace import Trace, TracedFunction

rng = np.random.default_rng(3)
X = rng.normal(size=(2, 3, 4)).astype("float32")
Y = rng.normal(size=(3, 1)).astype("float32")
P = np.abs(X) + 0.1


def agree(ours, theirs, tolerance=2e-6):
    theirs = np.asarray(theirs)
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)


def all_ways(fn, *arrays):
    """The eager value, after checking that recording and symbolic calls agree with it."""
    eager = fn(*arrays)
    recorded = TracedFunction(fn, dynamic_batch=False)(*arrays)
    np.testing.assert_allclose(eager, recorded, rtol=1e-6, atol=1e-6)
    symbolic = fn(*[KerasTensor(a.shape, str(a.dtype)) for a in arrays])
    assert symbolic.shape == eager.shape and symbolic.dtype == str(eager.dtype)
    return eager


UNARY = {
    "negative": np.negative,
    "absolute": np.abs,
    "abs": np.abs,
    "sign": np.sign,
    "exp": np.exp,
    "square": np.square,
    "floor": np.floor,
    "ceil": np.ceil,
    "round": np.round,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "isnan": np.isnan,
    "isfinite": np.isfinite,
    "isinf": np.isinf,
    "expm1": np.expm1,
    "logical_not": lambda x: x == 0,
    "zeros_like": np.zeros_like,
    "ones_like": np.ones_like,
}
POSITIVE = {
    "log": np.log,
    "log1p": np.log1p,
    "log2": np.log2,
    "log10": np.log10,
    "sqrt": np.sqrt,
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "reciprocal": lambda x: 1 / x,
}
BINARY_NAMES = """
add subtract multiply divide true_divide maximum minimum equal not_equal
greater greater_equal less less_equal floor_divide mod logical_and logical_or
"""
BINARY = BINARY_NAMES.split()


@pytest.mark.parametrize("name", UNARY)
def test_unary(name):
    agree(all_ways(getattr(ops, name), X), UNARY[name](X))


@pytest.mark.parametrize("name", POSITIVE)
def test_unary_of_positive(name):
    agree(all_ways(getattr(ops, name), P), POSITIVE[name](P))


@pytest.mark.parametrize("name", BINARY)
def test_binary_broadcasts(name):
    agree(all_ways(getattr(ops, name), X, Y), getattr(np, name)(X, Y), 1e-5)


def test_power_and_clip():
    agree(all_ways(lambda x: ops.power(x, 2.5), P), P**2.5, 1e-5)
    agree(all_ways(lambda x: ops.clip(x, -0.5, 0.5), X), np.clip(X, -0.5, 0.5))
    agree(all_ways(lambda x, y: ops.clip(x, y, 1.0), X, Y), np.minimum(np.maximum(X, Y), 1))


@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2)])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("name", ["sum", "mean", "max", "min", "prod", "var", "std"])
def test_reductions(name, axis, keepdims):
    agree(
        all_ways(lambda x: getattr(ops, name)(x, axis=axis, keepdims=keepdims), X),
        getattr(np, name)(X.astype("float64"), axis=axis, keepdims=keepdims),
        1e-5,
    )


@pytest.mark.parametrize("name", ["all", "any", "argmax", "argmin", "count_nonzero"])
@pytest.mark.parametrize("axis", [None, 1])
def test_reductions_to_other_types(name, axis):
    x = np.round(X)
    agree(all_ways(lambda x: getattr(ops, name)(x, axis=axis), x), getattr(np, name)(x, axis=axis))


MOVES = {
    "reshape": (lambda x: ops.reshape(x, (4, -1)), lambda x: x.reshape(4, -1)),
    "transpose": (ops.transpose, np.transpose),
    "transpose_axes": (lambda x: ops.transpose(x, (1, 0, 2)), lambda x: x.transpose(1, 0, 2)),
    "expand_dims": (lambda x: ops.expand_dims(x, (0, -1)), lambda x: x[None, ..., None]),
    "squeeze": (lambda x: ops.squeeze(ops.expand_dims(x, 1)), lambda x: x),
    "moveaxis": (lambda x: ops.moveaxis(x, 0, -1), lambda x: np.moveaxis(x, 0, -1)),
    "swapaxes": (lambda x: ops.swapaxes(x, 0, 2), lambda x: np.swapaxes(x, 0, 2)),
    "flip": (lambda x: ops.flip(x, 1), lambda x: x[:, ::-1]),
    "ravel": (ops.ravel, np.ravel),
    "broadcast_to": (lambda x: ops.broadcast_to(x, (5, 2, 3, 4)), lambda x: np.broadcast_to(x, (5, 2, 3, 4))),
    "repeat": (lambda x: ops.repeat(x, 3, axis=1), lambda x: np.repeat(x, 3, axis=1)),
    "tile": (lambda x: ops.tile(x, (2, 1, 2)), lambda x: np.tile(x, (2, 1, 2))),
    "concatenate": (lambda x: ops.concatenate([x, x], axis=1), lambda x: np.concatenate([x, x], axis=1)),
    "stack": (lambda x: ops.stack([x, x], axis=-1), lambda x: np.stack([x, x], axis=-1)),
    "split": (lambda x: ops.split(x, 2, axis=2)[1], lambda x: np.split(x, 2, axis=2)[1]),
    "take": (lambda x: ops.take(x, np.array([2, 0]), axis=1), lambda x: x[:, [2, 0]]),
    "pad": (
        lambda x: ops.pad(x, ((0, 0), (1, 2), (0, 1)), constant_values=3),
        lambda x: np.pad(x, ((0, 0), (1, 2), (0, 1)), constant_values=3),
    ),
    "pad_reflect": (lambda x: ops.pad(x, 1, mode="reflect"), lambda x: np.pad(x, 1, mode="reflect")),
    "where": (lambda x: ops.where(x > 0, x, 2.0), lambda x: np.where(x > 0, x, np.float32(2))),
}


@pytest.mark.parametrize("name", MOVES)
def test_moving_elements(name):
    ours, theirs = MOVES[name]
    agree(all_ways(ours, X), theirs(X))


def test_matmul():
    a, b = rng.normal(size=(3, 4)).astype("float32"), rng.normal(size=(4, 5)).astype("float32")
    agree(all_ways(ops.matmul, a, b), a @ b, 1e-5)
    agree(all_ways(ops.matmul, X, b), X @ b, 1e-5)
    agree(all_ways(ops.matmul, a[0], b), a[0] @ b, 1e-5)
    agree(all_ways(ops.matmul, a, b[:, 0].copy()), a @ b[:, 0], 1e-5)
    batched = rng.normal(size=(2, 4, 5)).astype("float32")
    agree(all_ways(ops.matmul, X, batched), X @ batched, 1e-5)
    agree(TracedFunction(lambda x, y: x @ y)(a, b), a @ b, 1e-5)


KEYS = [0, -1, np.s_[1:], np.s_[:, 1], np.s_[..., 0], np.s_[None, ::2], np.s_[0, ..., -2:, None], (0, 1, 2)]


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_indexing(key):
    agree(TracedFunction(lambda x: x[key] + 0.0, dynamic_batch=False)(X), X[key])
    agree(ops.get_item(X, key), X[key])
    assert KerasTensor(X.shape)[key].shape == X[key].shape


def test_promotion():
    i, f, b = np.ones(2, "int32"), np.ones(2, "float32"), np.ones(2, bool)
    assert ops.add(i, f).dtype == np.float32
    assert ops.add(i, 1.5).dtype == np.float32
    assert ops.add(i, 1).dtype == np.int32
    assert ops.add(f, np.float64(1)).dtype == np.float32
    assert ops.add(b, i).dtype == np.int32
    assert ops.divide(i, i).dtype == np.float32
    assert ops.sum(b).dtype == np.int32 and ops.sum(b) == 2
    assert ops.mean(i).dtype == np.float32
    assert ops.sqrt(np.ones(2, "uint8")).dtype == np.float32
    assert ops.cast(f, "int32").dtype == np.int32
    assert convcore.backend.result_type("int32", "float32") == "float32"
    assert convcore.backend.result_type("int64", int) == "int64"


def test_float64_is_kept_where_floatx_says_so():
    convcore.config.set_floatx("float64")
    x = rng.normal(size=(3, 3))
    assert ops.tanh(x).dtype == np.float64
    np.testing.assert_allclose(ops.tanh(x), np.tanh(x), rtol=1e-14)


def softplus(x):
    return np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0)


def sigmoid(x):
    return np.where(x >= 0, 1 / (1 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))))


def elu(x):
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


phi = np.vectorize(lambda v: 0.5 * (1 + math.erf(v / math.sqrt(2))))
ACTIVATIONS = {
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.clip(x, 0, 6),
    "sigmoid": sigmoid,
    "softplus": softplus,
    "log_sigmoid": lambda x: -softplus(-x),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "silu": lambda x: x * sigmoid(x),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "hard_sigmoid": lambda x: np.clip(x / 6 + 0.5, 0, 1),
    "hard_silu": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "elu": elu,
    "selu": lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * elu(x)),
    "celu": elu,
    "gelu": lambda x: 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))),
    "hard_tanh": lambda x: np.clip(x, -1, 1),
    "tanh_shrink": lambda x: x - np.tanh(x),
    "hard_shrink": lambda x: np.where(np.abs(x) > 0.5, x, 0),
    "soft_shrink": lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0),
    "squareplus": lambda x: (x + np.sqrt(x * x + 4)) / 2,
    "sparse_sigmoid": lambda x: np.clip((x + 1) / 2, 0, 1),
    "sparse_plus": lambda x: np.where(x <= -1, 0, np.where(x < 1, (x + 1) ** 2 / 4, x)),
    "mish": lambda x: x * np.tanh(softplus(x)),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations(name):
    x = np.concatenate([X.ravel() * 3, [0, 0.5, -0.5, 1, -1, 3, -3, 30, -30, 80, -80]]).astype("float32")
    agree(all_ways(getattr(ops, name), x), ACTIVATIONS[name](x.astype("float64")), 4e-6)


def test_activations_with_arguments():
    agree(all_ways(lambda x: ops.gelu(x, approximate=False), X), X * phi(X.astype("float64")), 3e-6)
    agree(all_ways(lambda x: ops.threshold(x, 0.3, -2.0), X), np.where(X > 0.3, X, -2.0))
    agree(all_ways(lambda x: ops.glu(x), X), X[..., :2] * sigmoid(X[..., 2:]))
    with pytest.raises(ValueError, match="even"):
        ops.glu(np.ones((2, 3), "float32"))


KINKS = {
    "elu": 1.0,
    "selu": 1.0507009873554805,
    "celu": 1.0,
    "relu6": 0.0,
    "hard_shrink": 0.0,
    "leaky_relu": 0.2,
}


@pytest.mark.parametrize("name", KINKS)
def test_gradients_at_zero_and_far_away(name):
    with Trace() as trace:
        x = trace.input("float32", (4,), "x")
        (gradient,) = trace.graph.gradients(ops.sum(getattr(ops, name)(x)), [x])
        result = trace.finish(gradient)([np.array([0, 200, -200, 6], "float32")])
    assert np.isfinite(result).all()
    np.testing.assert_allclose(result[0], KINKS[name], rtol=1e-6)
    assert result[3] == (0 if name == "relu6" else result[1])


def test_softmax_and_sparsemax():
    e = np.exp(X - X.max(-1, keepdims=True))
    agree(all_ways(ops.softmax, X), e / e.sum(-1, keepdims=True))
    agree(all_ways(lambda x: ops.softmax(x, axis=1), X).sum(1), np.ones((2, 4)))
    agree(all_ways(lambda x: ops.softmax(x, axis=(1, 2)), X).sum((1, 2)), np.ones(2))
    agree(all_ways(ops.log_softmax, X), np.log(e / e.sum(-1, keepdims=True)))
    z = np.array([[1, 1, 1], [0.1, 1.1, 0.2], [5, 0, 0]], "float32")
    agree(all_ways(ops.sparsemax, z), [[1 / 3, 1 / 3, 1 / 3], [0, 0.95, 0.05], [1, 0, 0]])


def test_normalisation():
    agree(all_ways(ops.normalize, X), X / np.sqrt((X**2).sum(-1, keepdims=True)), 1e-5)
    agree(all_ways(lambda x: ops.normalize(x, order=1), X), X / np.abs(X).sum(-1, keepdims=True), 1e-5)
    mean, variance = X.mean((0, 1)), X.var((0, 1))
    agree(
        all_ways(lambda x: ops.batch_normalization(x, mean, variance, -1, scale=mean, offset=variance), X),
        (X - mean) / np.sqrt(variance + 1e-3) * mean + variance,
        1e-5,
    )
    mean, variance = ops.moments(X, [0, 2])
    agree(mean, X.mean((0, 2)))
    agree(variance, X.var((0, 2)), 1e-5)


def test_convolution_and_pooling():
    image, kernel = (
        rng.normal(size=(1, 5, 5, 2)).astype("float32"),
        rng.normal(size=(2, 2, 2, 3)).astype("float32"),
    )
    windows = np.lib.stride_tricks.sliding_window_view(image, (2, 2), axis=(1, 2))
    agree(all_ways(ops.conv, image, kernel), np.einsum("bhwcij,ijcf->bhwf", windows, kernel), 1e-5)
    agree(all_ways(lambda x: ops.max_pool(x, 2, 1), image), windows.max((-1, -2)))
    agree(all_ways(lambda x: ops.average_pool(x, 2, 1), image), windows.mean((-1, -2)), 1e-5)
    agree(all_ways(lambda x: ops.l2_pool(x, 2, 1), image), np.sqrt((windows**2).sum((-1, -2))), 1e-5)


def test_one_hot():
    labels = np.array([0, 2, 5, -1])
    agree(all_ways(lambda x: ops.one_hot(x, 3), labels), [[1, 0, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0]])
    agree(ops.one_hot(np.array([[0, 1]]), 2, axis=1), [[[1, 0], [0, 1]]])


def test_crossentropies():
    logits = X
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    target = rng.dirichlet(np.ones(4), size=(2, 3)).astype("float32")
    labels = rng.integers(0, 4, size=(2, 3))
    expected = -(target * np.log(p)).sum(-1)
    dense, sparse, binary = (
        ops.categorical_crossentropy,
        ops.sparse_categorical_crossentropy,
        ops.binary_crossentropy,
    )
    agree(all_ways(lambda t, x: dense(t, x, from_logits=True), target, logits), expected, 1e-5)
    agree(all_ways(lambda t, x: dense(t, x), target, p * 2), expected, 1e-5)
    chosen = -np.log(np.take_along_axis(p, labels[..., None], -1))[..., 0]
    agree(all_ways(lambda t, x: sparse(t, x), labels, p), chosen, 1e-5)
    agree(sparse(labels[..., None], logits, from_logits=True), chosen, 1e-5)
    s = sigmoid(logits).astype("float32")
    entropy = -(target * np.log(s) + (1 - target) * np.log(1 - s))
    agree(all_ways(lambda t, x: binary(t, x), target, s), entropy, 1e-5)
    agree(all_ways(lambda t, x: binary(t, x, from_logits=True), target, logits), entropy, 1e-5)
    np.testing.assert_allclose(
        dense(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])), [-np.log(1e-7)], rtol=1e-5
    )
    with pytest.raises(ValueError, match="same shape"):
        dense(target, logits[..., :3])
    with pytest.raises(ValueError, match="integer targets of shape"):
        sparse(labels[:, :2], logits)


def test_bad_arguments_say_what_is_wrong():
    with pytest.raises(ValueError, match="axis"):
        ops.sum(X, axis=3)
    with pytest.raises(ValueError):
        ops.add(X, np.ones(5, "float32"))
    with pytest.raises(ValueError, match="equal parts"):
        ops.split(X, 3, axis=2)
    with pytest.raises(ValueError, match="real numbers"):
        ops.exp(np.array(["a"]))
    with pytest.raises(ValueError, match="dtype"):
        ops.cast(X, "float8")
