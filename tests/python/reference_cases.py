"""op -> list of (inputs, attributes) for every op of the core: the cases of test_gradients.py, which have
odd sizes, strides, padding and channels_first, and others for what is not differentiated there or has more
sides."""

import numpy as np
from convcore import _core
from convcore.testing import reference
from test_gradients import BINARY, CONV, POOL, STATE, TURNED, UNARY, apart, ints, normal, out_shape, positive
from test_gradients import CASES as DIFFERENTIATED

TRUTH = np.array([[True, False, True], [False, False, True]])
SPECIAL = np.array([[np.nan, np.inf, -np.inf], [-0.0, 1.5, -2.5], [0.5, -0.5, 2.5]])
WHOLE = np.array([[-7, 0, 3], [7, -1, 2]], "int32")
DIVISORS = np.array([[2, 0, -3], [-2, 5, -1]], "int32")
BYTES = np.array([[200, 0, 3], [7, 255, 100]], "uint8")
TIES = np.float64([[2, 1, 2, 0, 1], [3, 3, np.nan, 1, np.nan]])


def _numbers():
    """Integers, bools and special values through the functions of single elements."""
    cases = {name: [([WHOLE], {})] for name in ("negative", "abs", "sign", "square", "relu")}
    for name in ("isnan", "isfinite", "logical_not"):
        cases[name] = [([SPECIAL], {}), ([WHOLE], {}), ([TRUTH], {})]
    for name in (
        "sign",
        "relu",
        "abs",
        "floor",
        "ceil",
        "round",
        "exp",
        "sqrt",
        "softplus",
        "sigmoid",
        "tanh",
    ):
        cases.setdefault(name, []).append(([SPECIAL], {}))
    for name in ("add", "subtract", "multiply", "floor_divide", "mod", "power"):
        cases[name] = [([WHOLE, DIVISORS], {}), ([BYTES, BYTES[:, :1].copy()], {})]
    for name in (
        "equal",
        "not_equal",
        "less",
        "less_equal",
        "greater",
        "greater_equal",
        "maximum",
        "minimum",
    ):
        cases[name] = [
            ([WHOLE, DIVISORS], {}),
            ([SPECIAL, SPECIAL[::-1].copy()], {}),
            ([TRUTH, TRUTH[:1]], {}),
        ]
    for name in ("logical_and", "logical_or"):
        cases[name] = [([TRUTH, TRUTH[1]], {}), ([WHOLE, WHOLE[0]], {})]
    cases["floor_divide"].append(([normal(4, 3) * 9, positive(3)], {}))
    cases["mod"].append(([normal(4, 3) * 9, -positive(3)], {}))
    cases["divide_no_nan"] = [([normal(2, 3), np.float64([0, 2, -1])], {})]
    cases["where"] = [([TRUTH, WHOLE, DIVISORS], {}), ([TRUTH, SPECIAL[:2], normal(2, 3)], {})]
    cases["clip"] = [([SPECIAL], {"min": -1.0, "max": 2.0}), ([WHOLE], {"min": -1.5, "max": 2.5})]
    functions = ("and", "or", "xor", "left_shift", "right_shift", "gcd")
    shifts = np.array([[1, 40, -1], [3, 31, 0]], "int32")
    cases["bitwise"] = [
        case
        for f in functions
        for case in (([WHOLE, shifts], {"function": f}), ([BYTES, BYTES[::-1].copy()], {"function": f}))
    ]
    return {**cases, "cast": _casts()}


def _casts():
    wide = np.float64([[1e12, -1e12, 3.9, -3.9], [np.nan, np.inf, 70000.7, 1 / 3]])
    names = ("bool", "uint8", "int8", "int16", "uint16", "int32", "uint32", "int64", "float16", "float64")
    floats = [([wide], {"dtype": dtype}) for dtype in names]
    wholes = [
        ([x], {"dtype": dtype}) for x in (WHOLE, BYTES, TRUTH) for dtype in ("uint8", "int64", "float32")
    ]
    return [*floats, *wholes, ([wide[:, 2:]], {"dtype": "bfloat16"})]


def _arrays():
    image = normal(2, 3, 4, 2)
    return {
        "stop_gradient": [([image], {})],
        "custom_gradient": [([normal(2, 3), normal(2, 3), normal(3), normal(3)], {})],
        "squeeze": [([normal(1, 3, 1)], {})],
        "transpose": [([image], {})],
        "broadcast_to": [([ints(1, 2, 3)], {"shape": [2, -1]})],
        "pad": [([WHOLE], {"paddings": [0, 1, 2, 0], "value": 5})],
        "concatenate": [([WHOLE, DIVISORS], {"axis": 0})],
        "concatenate_backward": [
            ([normal(2, 6), normal(2, 3), normal(2, 1), normal(2, 2)], {}),
            ([normal(4, 3), normal(1, 3), normal(3, 3)], {"axis": 0}),
        ],
        "up_sample": [([normal(1, 2, 3, 2, 1)], {}), ([image], {"size": [2, 3]})],
        "take": [
            ([normal(4, 3), ints(9, -5, 0)], {}),
            ([WHOLE, np.array([[1, -3], [3, 0]], "int64")], {"axis": 1}),
        ],
        "take_backward": [([normal(2, 4), ints(1, 7, -1, 1), normal(2, 3)], {"axis": 1})],
        "one_hot": [
            ([ints(2, 0, -1, 3)], {"num_classes": 3}),
            ([ints(1, 4)], {"num_classes": 5, "dtype": "bool"}),
        ],
        "size": [([image], {}), ([image], {"axes": [1, -1]})],
    }


def _reductions():
    along = [{}, {"axes": [1]}, {"axes": [0, -1], "keepdims": True}]
    cases = {name: [([x], attrs) for x in (WHOLE, BYTES) for attrs in along] for name in ("sum", "prod")}
    cases |= {name: [([TRUTH], attrs) for attrs in along] for name in ("all", "any")}
    cases |= {name: [([x], attrs) for x in (WHOLE, TIES) for attrs in along] for name in ("max", "min")}
    cases |= {name: [([TIES], {}), ([WHOLE], {"axis": 0, "keepdims": True})] for name in ("argmax", "argmin")}
    cases["argsort"] = [([x], {"descending": d}) for x in (TIES, WHOLE, TRUTH) for d in (False, True)]
    return {**cases, "sum_to_shape": [([normal(2, 3, 4), normal(1, 3, 1)], {})]}


def _layers():
    cases = {"conv": [], "conv_backward_filter_by_image": []}
    for x, k, attrs in CONV:
        x, k = normal(*x), normal(*k)
        y = normal(*out_shape("conv", [x, k], attrs))
        cases["conv"].append(([x, k, normal(k.shape[-1]), y], {**attrs, "activation": "relu"}))
        if "data_format" not in attrs:
            cases["conv_backward_filter_by_image"].append(([x, y, k], attrs))
    x, k, bordered = normal(2, 7, 6, 3), normal(3, 2, 3, 5), {"paddings": [1, 0, 2, 1], "strides": [2, 1]}
    y = normal(*out_shape("conv", [x, k], bordered))
    cases["conv"].append(([x, k], {**bordered, "activation": "sigmoid 0;multiply 0 1|2"}))
    cases["conv_backward_input"] = [([y, k, x], bordered)]
    cases["conv_backward_filter_bias"] = [([x, y, k], bordered)]
    grouped = {"groups": 2, "strides": [2, 1], "activation": "tanh"}
    cases["conv_transpose"] = [([normal(1, 3, 4, 6), normal(3, 2, 5, 6), normal(10)], grouped)]
    cases["dense"] = [
        ([normal(3, 5), normal(5, 4), normal(4), normal(3, 4)], {"activation": "clip 0 #-0.5 #1|1"})
    ]
    return cases


def _pools():
    kinds = {"max": apart, "average": normal, "l2": normal}
    cases = {f"{kind}_pool{suffix}": [] for kind in kinds for suffix in ("", "_backward")}
    bordered = {"pool_size": [3, 2], "strides": [2, 1], "paddings": [1, 1, 0, 1]}
    for shape, attrs in [*POOL, ((2, 5, 6, 3), bordered)]:
        for kind, make in kinds.items():
            x = make(*shape)
            dy = normal(*out_shape(f"{kind}_pool", [x], attrs))
            (y,) = _core.run_op(f"{kind}_pool", [x], attrs)
            inputs = [dy, x] if kind == "average" else [x, y, dy]
            cases[f"{kind}_pool"].append(([x], attrs))
            cases[f"{kind}_pool_backward"].append((inputs, attrs))
    flat = np.zeros((1, 4, 1))
    cases["max_pool_backward"].append(([flat, flat[:, :2], normal(1, 2, 1)], {"pool_size": [2]}))
    cases["l2_pool_backward"].append(([flat, flat[:, :2], normal(1, 2, 1)], {"pool_size": [2]}))
    return cases


def _images():
    image = normal(2, 4, 5, 2)
    far = np.array([[3.137, 0.219, -7.313, -0.417, 2.719, 5.123, 0, 0], [0.9, 0, 0.25, 0, 1.1, -0.5, 0, 0]])
    moved = [
        ([image, transform], {"fill_mode": mode, "interpolation": kind})
        for transform in (TURNED, far)
        for mode in ("constant", "nearest", "wrap", "mirror", "reflect")
        for kind in ("bilinear", "nearest")
    ]
    sizes = [{"size": [7, 3]}, {"scale": [2, 3]}]
    kinds = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")
    resized = [
        {**size, "interpolation": kind, "antialias": soft}
        for size in sizes
        for kind in kinds
        for soft in (False, True)
    ]
    return {
        "affine_transform": moved,
        "affine_transform_backward": moved,
        "resize": [([image], attrs) for attrs in resized],
        "resize_backward": [
            ([normal(*out_shape("resize", [image], attrs)), image], attrs) for attrs in resized
        ],
    }


def _norms():
    x, dy, channels = normal(3, 5, 40, 7), normal(3, 5, 40, 7), [positive(7), normal(7)]
    mean, variance = reference.moments(x)
    relu6, after = {"activation": "clip 0 #0 #1|1"}, [mean, variance, *channels]
    partial = reference.OPS["batch_norm_statistics"](x)
    sums = reference.OPS["batch_norm_backward_statistics"](x, dy, *after)
    whole = {**relu6, "count": 600}
    return {
        "batch_norm_training": [([x, *channels, dy], relu6)],
        "batch_norm_training_backward": [
            ([x, channels[0], mean, variance, dy], {}),
            ([x, channels[0], mean, variance, dy, channels[1]], relu6),
            ([np.moveaxis(x, -1, 1).copy(), channels[0], mean, variance, normal(3, 7, 5, 40)], {"axis": 1}),
        ],
        "batch_norm_statistics": [([x], {}), ([normal(2, 9, 9, 150)], {})],
        "batch_norm_join": [([partial, x], {})],
        "batch_norm_apply": [([x, *after], {}), ([x, *after, dy], relu6)],
        "batch_norm_backward_statistics": [([x, dy, *after[:3]], {}), ([x, dy, *after], relu6)],
        "batch_norm_backward_join": [([sums, x], {})],
        "batch_norm_backward_apply": [
            ([x, dy, *after[:3], normal(7), normal(7)], {"count": 600}),
            ([x, dy, *after[:3], normal(7), normal(7), channels[1]], whole),
        ],
        "layer_norm_backward": [
            ([normal(3, 5), positive(5), normal(3, 5)], {}),
            ([normal(2, 3, 2), positive(6), normal(2, 3, 2)], {"axes": 2, "center": False}),
        ],
    }


def _wide():
    """Rows of several vectors and a rest; convolutions for every kernel: direct, by channel, Winograd."""
    cases = {name: [([positive(5, 67)], {})] for name in UNARY}
    cases |= {
        name: [([positive(5, 67), positive(67)], {}), ([positive(5, 67), positive(5, 1)], {})]
        for name in BINARY
    }
    x, rows = apart(9, 130, 5) / 100, normal(7, 67)
    for name in ("sum", "mean", "max", "min", "l2_norm"):
        cases[name] = [([x], {"axes": axes}) for axes in ([], [0], [1], [2], [0, 2])]
    for name in ("softmax", "log_softmax"):
        cases[name] = [([rows], {"axis": axis}) for axis in (0, 1)]
    cases["layer_norm"] = [([rows, positive(67), normal(67)], {})]
    cases["layer_norm_backward"] = [([rows, positive(67), normal(7, 67)], {})]
    cases["dense"] = [([rows, normal(67, 50), normal(50)], {"activation": "sigmoid 0;multiply 0 1|2"})]
    cases["dense_backward_input"] = [([normal(7, 50), normal(67, 50)], {})]
    cases["dense_backward_filter"] = [([rows, normal(7, 50)], {})]
    for shape, kernel, attrs in [
        ((2, 20, 19, 64), (3, 3, 64, 64), {"padding": "same"}),
        ((2, 12, 13, 40), (3, 3, 1, 40), {"padding": "same", "groups": 40}),
        ((2, 12, 13, 20), (3, 3, 20, 33), {"padding": "same", "strides": [2, 2]}),
    ]:
        image, weights = normal(*shape), normal(*kernel)
        dy = normal(*out_shape("conv", [image, weights], attrs))
        cases.setdefault("conv", []).append(([image, weights], attrs))
        cases.setdefault("conv_backward_input", []).append(([dy, weights, image], attrs))
        for name in ("conv_backward_filter", "conv_backward_filter_bias", "conv_backward_filter_by_image"):
            cases.setdefault(name, []).append(([image, dy, weights], attrs))
    return cases


def _rest():
    like = normal(2, 5)
    return {
        "fused_elementwise": [
            (
                [normal(2, 3), normal(3), normal(1)],
                {"program": "multiply 0 #0.5;add 3 1;tanh 4;less 2 4|4,5"},
            ),
            (
                [normal(2, 3), TRUTH],
                {"program": "greater 0 #0.25;where 1 0 #2;clip 3 #-1 #inf;cast 2 #0|4,5"},
            ),
        ],
        "native_activation": [
            ([normal(2, 3)], {"function": "reference_softsign", "derivative": d}) for d in (False, True)
        ],
        "random_uniform": [
            ([STATE], {"shape": [3, 67]}),
            ([STATE, like], {"shape": [-1, 3, 50], "minval": -2.0, "maxval": 3.0}),
        ],
        "random_normal": [
            ([STATE], {"shape": [5, 41]}),
            ([STATE, like], {"shape": [-1, 7], "mean": 1.0, "stddev": 0.1}),
        ],
        "dropout": [([normal(9, 20), STATE], {"rate": 0.25}), ([normal(2, 3), STATE], {"rate": 1.0})],
    }


def _cases():
    cases = {name: list(known) for name, known in DIFFERENTIATED.items()}
    for more in (
        _numbers(),
        _arrays(),
        _reductions(),
        _layers(),
        _pools(),
        _images(),
        _norms(),
        _wide(),
        _rest(),
    ):
        for name, known in more.items():
            cases.setdefault(name, []).extend(known)
    return cases


CASES = _cases()
