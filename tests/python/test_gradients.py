"""Every differentiable C++ op against central differences in float64; an op without a case fails."""

import numpy as np
import pytest
from convcore import _core

OPS = {op["name"]: op for op in _core.ops()}
_rng = np.random.default_rng(0)


def normal(*shape):
    return _rng.standard_normal(shape)


def positive(*shape):
    return _rng.uniform(0.5, 2.0, shape)


def apart(*shape):
    """Values that are all at least 0.1 apart, so that no maximum changes its place."""
    return (_rng.permutation(int(np.prod(shape))) * 0.1 - 0.77).reshape(shape)


def out_shape(op, inputs, attrs):
    """The shape of the first output."""
    return _core.run_op(op, [np.asarray(x) for x in inputs], attrs)[0].shape


def ints(*values):
    return np.array(values, "int32")


STATE = np.array([7, 1], "uint32")
CONDITION = np.array([[True, False, True], [False, False, True]])

UNARY = {
    **{
        name: normal(2, 3)
        for name in ["negative", "exp", "square", "sin", "cos", "sigmoid", "tanh", "softplus", "erf"]
    },
    **{name: normal(2, 3) + np.where(normal(2, 3) > 0, 2.0, -2.0) for name in ["abs", "relu", "reciprocal"]},
    **{name: positive(2, 3) for name in ["log", "log1p", "sqrt", "rsqrt"]},
    # flat between the steps
    **{name: normal(2, 3) for name in ["sign", "floor", "ceil", "round"]},
}
BINARY = {
    **{name: (normal(2, 3), normal(2, 3)) for name in ["add", "subtract", "multiply", "maximum", "minimum"]},
    **{name: (normal(2, 3), positive(2, 3)) for name in ["divide", "divide_no_nan"]},
    "power": (positive(2, 3), normal(2, 3)),
    "mod": (positive(2, 3) * 3, positive(2, 3) + 1),
    "floor_divide": (normal(2, 3), positive(2, 3)),
}
TRANSPOSE = [  # input, kernel (sizes.., filters, channels)
    ((2, 4, 3), (3, 2, 3), {"strides": [2]}),
    ((1, 4, 2), (2, 3, 2), {"strides": [3], "output_padding": [1]}),
    ((2, 4, 2), (4, 3, 2), {"strides": [2], "padding": "same", "output_padding": [0]}),
    ((1, 2, 3, 4), (3, 2, 2, 2), {"data_format": "channels_first", "padding": "same", "strides": [2, 1]}),
    ((1, 3, 2, 2), (2, 2, 3, 2), {"dilation_rate": [2, 1]}),
    ((1, 2, 2, 3, 2), (2, 3, 2, 2, 2), {"padding": "same", "strides": [1, 2, 2]}),
]
CONV = [
    ((2, 7, 4), (3, 4, 3), {}),
    ((2, 7, 4), (3, 2, 6), {"groups": 2, "padding": "same", "strides": [2]}),
    ((2, 7, 2), (3, 2, 3), {"padding": "causal", "dilation_rate": [2]}),
    ((2, 2, 7), (2, 2, 3), {"data_format": "channels_first"}),
    ((2, 5, 6, 2), (2, 3, 2, 3), {"padding": "same", "strides": [2, 1]}),
    ((1, 2, 5, 6), (3, 2, 1, 4), {"data_format": "channels_first", "groups": 2}),
    ((1, 4, 3, 4, 2), (2, 2, 3, 2, 2), {"padding": "same"}),
]
# inputs that get no gradient by definition
CONSTANT_INPUTS = {"affine_transform": {1}, "affine_transform_backward": {1}}
TURNED = np.array([[0.83, -0.55, 1.1, 0.55, 0.83, -0.7, 0.0, 0.0]])
AFFINE = [
    ((2, 4, 5, 2), {"fill_mode": "reflect"}),
    ((1, 4, 3, 1), {"fill_mode": "constant", "fill_value": 2.0}),
    ((1, 2, 3, 4), {"fill_mode": "wrap", "interpolation": "nearest", "data_format": "channels_first"}),
]
RESIZE = [
    ((2, 3, 4, 2), {"size": [5, 3]}),
    ((1, 4, 3, 1), {"size": [2, 7], "interpolation": "bicubic", "antialias": True}),
    ((1, 5, 4, 2), {"size": [3, 8], "interpolation": "nearest"}),
    ((1, 2, 3, 4), {"size": [6, 2], "interpolation": "lanczos3", "data_format": "channels_first"}),
]
POOL = [
    ((2, 7, 2), {"pool_size": [2]}),
    ((2, 7, 2), {"pool_size": [3], "strides": [2], "padding": "same"}),
    ((1, 5, 6, 2), {"pool_size": [2, 3], "strides": [1, 2], "padding": "same"}),
    ((1, 2, 5, 4), {"pool_size": [2, 2], "data_format": "channels_first"}),
    ((1, 4, 3, 4, 1), {"pool_size": [2, 2, 2]}),
    ((2, 7, 2), {"output_size": [3]}),
    ((1, 2, 5, 3), {"output_size": [2, 4], "data_format": "channels_first"}),
]


def _cases():
    """op -> list of (inputs, attributes)."""
    cases = {name: [([x], {})] for name, x in UNARY.items()}
    for name, (a, b) in BINARY.items():
        cases[name] = [([a, b], {}), ([a, b[:1]], {}), ([a[:, :1].copy(), b[0]], {})]
    for name in ("sum", "mean", "prod", "l2_norm"):
        cases[name] = [
            ([positive(2, 3, 2)], attrs) for attrs in ({}, {"axes": [1]}, {"axes": [0, -1], "keepdims": True})
        ]
    for name in ("max", "min"):
        cases[name] = [
            ([apart(2, 3, 2)], attrs) for attrs in ({}, {"axes": [1]}, {"axes": [0, -1], "keepdims": True})
        ]
    for name in ("softmax", "log_softmax"):
        cases[name] = [([normal(2, 3, 4)], {"axis": -1}), ([normal(2, 3, 4)], {"axis": 1})]
    for name, make in (("max_pool", apart), ("average_pool", normal), ("l2_pool", normal)):
        cases[name] = [([make(*shape)], attrs) for shape, attrs in POOL]
    cases["conv_transpose"] = [([normal(*x), normal(*k)], attrs) for x, k, attrs in TRANSPOSE]
    cases["conv_transpose"] += [([normal(*x), normal(*k), normal(k[-2])], attrs) for x, k, attrs in TRANSPOSE]
    cases["affine_transform"] = [([normal(*shape), TURNED], attrs) for shape, attrs in AFFINE]
    cases["resize"] = [([normal(*shape)], attrs) for shape, attrs in RESIZE]
    cases["up_sample"] = [
        ([normal(2, 3, 2)], {"size": [3]}),
        ([normal(1, 2, 3, 2)], {"size": [2, 1], "data_format": "channels_first"}),
    ]
    cases["conv"] = [([normal(*x), normal(*k)], attrs) for x, k, attrs in CONV]
    cases["conv"] += [([normal(*x), normal(*k), normal(k[-1])], attrs) for x, k, attrs in CONV]
    cases["dense"] = [([normal(2, 3), normal(3, 4)], {}), ([normal(2, 5, 3), normal(3, 4), normal(4)], {})]
    return {**cases, **_backward_cases(), **_shape_cases(), **_other_cases()}


def _backward_cases():
    """The backward ops that can be differentiated again."""
    cases = {"conv_backward_input": [], "conv_backward_filter": [], "conv_backward_filter_bias": []}
    for x, k, attrs in CONV:
        x, k = normal(*x), normal(*k)
        dy = normal(*out_shape("conv", [x, k], attrs))
        cases["conv_backward_input"].append(([dy, k, x], attrs))
        cases["conv_backward_filter"].append(([x, dy, k], attrs))
        cases["conv_backward_filter_bias"].append(([x, dy, k], attrs))
    pooled = []
    for shape, attrs in POOL:
        dy = normal(*out_shape("average_pool", [normal(*shape)], attrs))
        pooled.append(([dy, normal(*shape)], attrs))
    cut = {"begin": [1, 0], "end": [4, 5], "strides": [2, 1]}
    return {
        **cases,
        "average_pool_backward": pooled,
        "affine_transform_backward": [([normal(*shape), TURNED], attrs) for shape, attrs in AFFINE],
        "resize_backward": [
            ([normal(*out_shape("resize", [normal(*shape)], attrs)), normal(*shape)], attrs)
            for shape, attrs in RESIZE
        ],
        "dense_backward_input": [([normal(2, 4), normal(3, 4)], {}), ([normal(2, 5, 4), normal(3, 4)], {})],
        "dense_backward_filter": [
            ([normal(2, 3), normal(2, 4)], {}),
            ([normal(2, 5, 3), normal(2, 5, 4)], {}),
        ],
        "slice_backward": [([normal(2, 5), normal(4, 5)], cut)],
        "take_backward": [([normal(3, 3), ints(1, 1, 3), normal(4, 3)], {"axis": 0})],
    }


def _shape_cases():
    return {
        "cast": [([normal(2, 3)], {"dtype": "float64"})],
        "reshape": [([normal(2, 3)], {"shape": [3, -1]})],
        "reshape_like": [([normal(2, 3), normal(6)], {})],
        "flatten": [([normal(2, 3, 2)], {})],
        "expand_dims": [([normal(2, 3)], {"axis": 1})],
        "squeeze": [([normal(2, 1, 3)], {"axes": [1]})],
        "transpose": [([normal(2, 3, 4)], {"axes": [2, 0, 1]})],
        "broadcast_to": [([normal(3, 1)], {"shape": [2, 3, 4]})],
        "broadcast_like": [([normal(3, 1), normal(2, 3, 4)], {})],
        "pad": [([normal(2, 3)], {"paddings": [1, 0, 2, 1], "value": 3.0})],
        "slice": [
            ([normal(4, 5)], {"begin": [1, 0], "end": [4, 5], "strides": [2, 1]}),
            ([normal(4, 5)], {"begin": [3, 4], "end": [-(2**63), 1], "strides": [-1, -2]}),
        ],
        "concatenate": [([normal(2, 3), normal(2, 1), normal(2, 2)], {"axis": -1})],
        "take": [
            ([normal(4, 3), ints(1, 1, 3)], {"axis": 0}),
            ([normal(2, 4), ints(3, -1, 0, 0)], {"axis": 1}),
        ],
        "sum_to_shape": [([normal(2, 3, 4), normal(3, 1)], {})],
    }


def _other_cases():
    return {
        "clip": [([normal(4, 5)], {"min": -0.5, "max": 0.75})],
        "where": [([CONDITION, normal(2, 3), normal(2, 3)], {}), ([CONDITION, normal(2, 1), normal(3)], {})],
        "layer_norm": [
            ([normal(3, 5), positive(5), normal(5)], {}),
            ([normal(2, 3, 2), positive(6), normal(6)], {"axes": 2, "epsilon": 1e-2}),
            ([normal(3, 4), positive(4), normal(4)], {"center": False, "epsilon": 1e-6}),
        ],
        "batch_norm_training": [
            ([normal(6, 3), positive(3), normal(3)], {"epsilon": 1e-2}),
            ([normal(3, 2, 4), positive(2), normal(2)], {"axis": 1, "epsilon": 1e-3}),
        ],
        "dropout": [
            ([normal(4, 5), STATE], {"rate": 0.4}),
            ([normal(4, 5), STATE], {"rate": 0.4, "noise_shape": [-1, 1]}),
        ],
    }


CASES = _cases()
# gradient zero by definition, or outputs that are no floats: nothing to difference;
# or float32 only, and compared with the same function made of ops (test_native_activation.py);
# or told by the user (test_own_gradients.py)
CUT = {
    "custom_gradient",
    "native_activation",
    "stop_gradient",
    "random_normal",
    "random_uniform",
    "all",
    "any",
    "argmax",
    "argmin",
    "argsort",
    "bitwise",
    "equal",
    "not_equal",
    "less",
    "less_equal",
    "greater",
    "greater_equal",
    "isnan",
    "isfinite",
    "logical_and",
    "logical_not",
    "logical_or",
}


def _is_float(x):
    return np.asarray(x).dtype.kind == "f"


def _record(op, inputs, attrs, outputs=None):
    """(loss function, gradient function); the loss weighs every float output element differently."""
    graph = _core.Graph()
    values = [graph.input(x.dtype.name, x.shape, f"x{i}") for i, x in enumerate(inputs)]
    loss = None
    for i, y in enumerate(graph.emit(op, values, attrs)):
        if y.dtype != "float64" or (outputs is not None and i not in outputs):
            continue
        weights = np.cos(np.arange(int(np.prod(y.shape))) + i).reshape(y.shape)
        (term,) = graph.emit("multiply", [y, graph.constant(weights)])
        (term,) = graph.emit("sum", [term])
        loss = term if loss is None else graph.emit("add", [loss, term])[0]
    return graph, values, loss


def _differences(loss, inputs, k, h=1e-6):
    result = np.zeros_like(inputs[k])
    for index in np.ndindex(*inputs[k].shape):
        moved = [x.copy() for x in inputs]
        moved[k][index] += h
        up = loss(*moved)[0]
        moved[k][index] -= 2 * h
        result[index] = (up - loss(*moved)[0]) / (2 * h)
    return result


def test_every_differentiable_op_has_a_case():
    differentiable = {name for name, op in OPS.items() if op["differentiable"]}
    assert differentiable - set(CASES) - CUT == set(), (
        "add cases for these ops to tests/python/test_gradients.py"
    )
    assert set(CASES) - set(OPS) == set(), "cases for ops that do not exist"
    assert set(CASES) <= differentiable, "these ops have cases but no gradient rule"


@pytest.mark.parametrize("op, case", [(op, i) for op in sorted(CASES) for i in range(len(CASES[op]))])
def test_gradient(op, case):
    inputs, attrs = CASES[op][case]
    # the statistics of batch_norm_training only feed moving averages: their gradient is not part of the rule
    outputs = {0} if op == "batch_norm_training" else None
    graph, _, loss = _record(op, inputs, attrs, outputs)
    graph.output(loss)
    evaluate = _core.Function(graph)
    constant = CONSTANT_INPUTS.get(op, set())
    wanted = [k for k, x in enumerate(inputs) if _is_float(x) and k not in constant]
    graph, values, loss = _record(op, inputs, attrs, outputs)
    gradients = graph.gradients(loss, [values[k] for k in wanted])
    used = [k for k, g in zip(wanted, gradients, strict=True) if g is not None]
    for g in gradients:
        if g is not None:
            assert g.dtype == "float64"
            graph.output(g)
    results = dict(zip(used, _core.Function(graph)(*inputs), strict=True)) if used else {}
    for k in wanted:
        expected = _differences(evaluate, inputs, k)
        actual = results.get(k, np.zeros_like(expected))
        assert actual.shape == expected.shape
        # differences of step 1e-6 in float64 are good to about 1e-9 relative to the loss
        np.testing.assert_allclose(actual, expected, rtol=1e-6, atol=1e-6 * max(1.0, np.abs(expected).max()))


def test_stop_gradient_cuts():
    graph = _core.Graph()
    x = graph.input("float64", (3,), "x")
    (stopped,) = graph.emit("stop_gradient", [x])
    (product,) = graph.emit("multiply", [x, stopped])
    (loss,) = graph.emit("sum", [product])
    (g,) = graph.gradients(loss, [x])
    graph.output(g)
    point = np.array([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(_core.Function(graph)(point)[0], point)


@pytest.mark.parametrize(
    "op, inputs, attrs, expected",
    [
        ("relu", [np.array([-1.0, 0.0, 1.0])], {}, [[0, 0, 1]]),
        ("abs", [np.array([-1.0, 0.0, 1.0])], {}, [[-1, 0, 1]]),
        ("clip", [np.array([-2.0, -1.0, 0.0, 1.0, 2.0])], {"min": -1.0, "max": 1.0}, [[0, 0, 1, 0, 0]]),
        ("maximum", [np.array([1.0, 2.0, 3.0]), np.array([3.0, 2.0, 1.0])], {}, [[0, 0.5, 1], [1, 0.5, 0]]),
        ("minimum", [np.array([1.0, 2.0, 3.0]), np.array([3.0, 2.0, 1.0])], {}, [[1, 0.5, 0], [0, 0.5, 1]]),
        ("max", [np.array([1.0, 5.0, 5.0, 2.0])], {}, [[0, 0.5, 0.5, 0]]),
        (
            "max_pool",
            [np.array([[[3.0], [3.0], [1.0], [1.0]]])],
            {"pool_size": [2]},
            [[[[1], [0], [1], [0]]]],
        ),
        ("l2_pool", [np.zeros((1, 2, 1))], {"pool_size": [2]}, [np.zeros((1, 2, 1))]),
        ("l2_norm", [np.zeros(3)], {}, [np.zeros(3)]),
        ("divide_no_nan", [np.array([1.0, 2.0]), np.array([0.0, 4.0])], {}, [[0, 0.25], [0, -0.125]]),
        ("sqrt", [np.array([4.0])], {}, [[0.25]]),
    ],
)
def test_kinks_and_ties(op, inputs, attrs, expected):
    graph = _core.Graph()
    values = [graph.input("float64", x.shape, f"x{i}") for i, x in enumerate(inputs)]
    (y,) = graph.emit(op, values, attrs)
    (loss,) = graph.emit("sum", [y])
    for g in graph.gradients(loss, values):
        graph.output(g)
    for actual, wanted in zip(_core.Function(graph)(*inputs), expected, strict=True):
        np.testing.assert_array_equal(actual, np.asarray(wanted, "float64").reshape(actual.shape))
