"""Seeded draws of a layer, its arguments and an input shape, for comparisons with Keras.

`draw(family, i)` is the same on every machine. `compare_layers.py` compares any number of draws.
"""

import random

# fmt: off
# all but glu (Keras's Activation layer tells a wrong output shape for it) and sparsemax (wrong in Keras)
ACTIVATIONS = [
    "linear", "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "sigmoid", "log_sigmoid",
    "hard_sigmoid", "sparse_sigmoid", "silu", "hard_silu", "tanh", "hard_tanh", "tanh_shrink",
    "softsign", "softplus", "squareplus", "soft_shrink", "hard_shrink", "sparse_plus", "exponential",
    "mish", "softmax", "log_softmax",
]
# fmt: on
SIZES = {1: (12,), 2: (9, 8), 3: (6, 5, 7)}


def _input_shape(r, rank, data_format, channels):
    sizes = tuple(n + r.randint(0, 2) for n in SIZES[rank])
    return (3, channels, *sizes) if data_format == "channels_first" else (3, *sizes, channels)


def _tuple(r, rank, values):
    return r.choice(values) if r.random() < 0.5 else tuple(r.choice(values) for _ in range(rank))


def _conv(r):
    rank, groups, data_format = (
        r.choice([1, 2, 3]),
        r.choice([1, 1, 2]),
        r.choice(["channels_last", "channels_first"]),
    )
    arguments = {
        "filters": groups * r.randint(1, 3),
        "kernel_size": _tuple(r, rank, [1, 2, 3]),
        "padding": r.choice(["valid", "same"] + ["causal"] * (rank == 1)),
        "data_format": data_format,
        "groups": groups,
        "activation": r.choice([None, "relu", "tanh", "sigmoid", "gelu"]),
        "use_bias": r.random() < 0.7,
        "bias_initializer": "random_normal",
        "kernel_initializer": r.choice(["glorot_uniform", "he_normal"]),
        "kernel_regularizer": r.choice([None, "l2"]),
        "bias_constraint": r.choice([None, "non_neg"]),
    }
    arguments[r.choice(["strides", "dilation_rate"])] = _tuple(r, rank, [1, 2])
    return f"Conv{rank}D", arguments, _input_shape(r, rank, data_format, groups * r.randint(1, 3))


def _weighted(r, rank, data_format, name):
    """What depthwise, separable and transposed convolutions share."""
    return {
        "kernel_size": _tuple(r, rank, [1, 2, 3]),
        "padding": r.choice(["valid", "same"]),
        "data_format": data_format,
        "activation": r.choice([None, "relu", "tanh"]),
        "use_bias": r.random() < 0.7,
        "bias_initializer": "random_normal",
        f"{name}_regularizer": r.choice([None, "l2"]),
        f"{name}_constraint": r.choice([None, "non_neg"]),
    }


def _depthwise(r):
    rank, data_format = r.choice([1, 2]), r.choice(["channels_last", "channels_first"])
    arguments = _weighted(r, rank, data_format, "depthwise")
    arguments["depth_multiplier"] = r.choice([1, 1, 2, 3])
    # one size for both axes, as every backend of Keras demands
    arguments |= {"strides": r.choice([1, 1, 2]), "dilation_rate": r.choice([1, 1, 2])}
    kind = r.choice(["DepthwiseConv", "SeparableConv"])
    if kind == "SeparableConv":
        arguments |= {"filters": r.randint(1, 5), "pointwise_regularizer": r.choice([None, "l1"])}
    return f"{kind}{rank}D", arguments, _input_shape(r, rank, data_format, r.randint(1, 4))


def _transpose(r):
    rank, data_format = r.choice([1, 2, 3]), r.choice(["channels_last", "channels_first"])
    arguments = _weighted(r, rank, data_format, "kernel") | {"filters": r.randint(1, 5)}
    if r.random() < 0.3:
        arguments["dilation_rate"] = _tuple(r, rank, [1, 2])
    else:
        arguments["strides"] = strides = tuple(r.choice([1, 2, 4]) for _ in range(rank))
        if r.random() < 0.5:
            arguments["output_padding"] = tuple(r.randrange(s) for s in strides)
    return f"Conv{rank}DTranspose", arguments, _input_shape(r, rank, data_format, r.randint(1, 4))


def _pool(r):
    rank, data_format = r.choice([1, 2, 3]), r.choice(["channels_last", "channels_first"])
    if r.random() < 0.25:
        size = _tuple(r, rank, [1, 2, 3, 5])
        return (
            f"{r.choice(['AdaptiveMaxPooling', 'AdaptiveAveragePooling'])}{rank}D",
            {"output_size": size, "data_format": data_format},
            _input_shape(r, rank, data_format, 3),
        )
    if r.random() < 0.3:
        name = r.choice(["GlobalMaxPooling", "GlobalAveragePooling"])
        return (
            f"{name}{rank}D",
            {"data_format": data_format, "keepdims": r.random() < 0.5},
            _input_shape(r, rank, data_format, 3),
        )
    arguments = {
        "pool_size": _tuple(r, rank, [1, 2, 3]),
        "strides": r.choice([None, _tuple(r, rank, [1, 2, 3])]),
        "padding": r.choice(["valid", "same"]),
        "data_format": data_format,
    }
    return (
        f"{r.choice(['MaxPooling', 'AveragePooling'])}{rank}D",
        arguments,
        _input_shape(r, rank, data_format, 3),
    )


def _dense(r):
    arguments = {
        "units": r.randint(1, 6),
        "activation": r.choice([None, "relu", "softmax", "elu", "leaky_relu", "silu"]),
        "use_bias": r.random() < 0.7,
        "bias_initializer": "random_uniform",
        "kernel_regularizer": r.choice([None, "l2", "l1l2"]),
        "activity_regularizer": r.choice([None, "l2"]),
    }
    return "Dense", arguments, (3, *[r.randint(2, 5) for _ in range(r.randint(1, 3))])


def _normalization(r):
    shape = (4, *[r.randint(2, 5) for _ in range(r.randint(1, 3))])
    arguments = {
        "axis": r.choice([-1, 1]),
        "momentum": r.choice([0.9, 0.99]),
        "epsilon": r.choice([1e-3, 1e-2]),
        "center": r.random() < 0.7,
        "scale": r.random() < 0.7,
        "gamma_initializer": "random_normal",
        "moving_mean_initializer": "random_normal",
        "moving_variance_initializer": "ones",
    }
    return "BatchNormalization", arguments, shape


def _sample_normalization(r):
    name = r.choice(["LayerNormalization", "GroupNormalization", "RMSNormalization", "UnitNormalization"])
    rank = r.randint(1, 3)
    shape = (4, *[r.randint(2, 5) for _ in range(rank)])
    axis = r.choice([-1, 1, [-1], list(range(1, rank + 1))])
    if name == "UnitNormalization":
        return name, {"axis": axis}, shape
    if name == "RMSNormalization":
        return name, {"axis": axis, "epsilon": r.choice([1e-6, 1e-2])}, shape
    arguments = {
        "axis": axis,
        "epsilon": r.choice([1e-3, 1e-2]),
        "center": r.random() < 0.7,
        "scale": r.random() < 0.7,
        "gamma_initializer": "random_normal",
        "beta_initializer": "random_normal",
        "gamma_regularizer": r.choice([None, "l2"]),
        "beta_constraint": r.choice([None, "non_neg"]),
    }
    if name == "GroupNormalization":
        axis = arguments["axis"] = r.choice([-1, 1, rank])
        arguments["groups"] = r.choice([-1, 1, 3])
        shape = tuple(6 if i == axis % len(shape) else n for i, n in enumerate(shape))
    return name, arguments, shape


def _noise(r):
    name = r.choice(["GaussianNoise", "GaussianDropout", "AlphaDropout", "Normalization"])
    if name == "Normalization":
        arguments = r.choice(
            [
                {"mean": 0.5, "variance": 4.0},
                {"mean": [1.0, 2.0, 3.0], "variance": [1.0, 4.0, 0.0], "invert": r.random() < 0.5},
                {"axis": r.choice([None, 1, (1, 2)]), "mean": 0.5, "variance": 4.0},
            ]
        )
        return name, arguments, (4, 2, 3)
    first = "stddev" if name == "GaussianNoise" else "rate"
    arguments = {first: r.choice([0.0, 0.3]), "seed": r.choice([None, 7])}
    if name == "AlphaDropout":
        arguments["noise_shape"] = r.choice([None, (4, 1)])
    return name, arguments, (4, 3)


def _activation(r):
    name = r.choice(["Activation", "Activation", "ReLU", "LeakyReLU", "ELU", "PReLU", "Softmax"])
    shape = (3, *[r.choice([2, 4, 6]) for _ in range(r.randint(1, 3))])
    arguments = {
        "Activation": {"activation": r.choice(ACTIVATIONS)},
        "ReLU": {
            "max_value": r.choice([None, 1.0, 6.0]),
            "negative_slope": r.choice([0.0, 0.1]),
            "threshold": r.choice([0.0, 0.5]),
        },
        "LeakyReLU": {"negative_slope": r.choice([0.3, 0.01])},
        "ELU": {"alpha": r.choice([1.0, 0.5])},
        "PReLU": {
            "alpha_initializer": "ones",
            "shared_axes": r.choice([None, [1], list(range(1, len(shape)))]),
        },
        "Softmax": {"axis": r.choice([-1, 1])},
    }[name]
    return name, arguments, shape


def _pairs(r, rank, most):
    """The forms of padding and cropping: one int, an int per axis, a pair per axis."""
    pairs = tuple((r.randint(0, most), r.randint(0, most)) for _ in range(rank))
    if rank == 1:
        return r.choice([most, pairs[0]])
    return r.choice([most, tuple(pair[0] for pair in pairs), pairs])


def _border(r):
    rank, data_format = r.choice([1, 2, 3]), r.choice(["channels_last", "channels_first"])
    name = r.choice(["ZeroPadding", "Cropping"])
    word = {"ZeroPadding": "padding", "Cropping": "cropping"}[name]
    arguments = {word: _pairs(r, rank, 2 if name == "ZeroPadding" else 1), "data_format": data_format}
    if name == "Cropping" and rank == 1:
        data_format = "channels_last"
        del arguments["data_format"]
    return f"{name}{rank}D", arguments, _input_shape(r, rank, data_format, 2)


def _up_sampling(r):
    rank, data_format = r.choice([1, 2, 2, 3]), r.choice(["channels_last", "channels_first"])
    if rank == 1:
        return "UpSampling1D", {"size": r.randint(1, 3)}, _input_shape(r, 1, "channels_last", 2)
    arguments = {"size": _tuple(r, rank, [1, 2, 3]), "data_format": data_format}
    if rank == 2:
        arguments["interpolation"] = r.choice(["nearest", "bilinear", "bicubic"])
    return f"UpSampling{rank}D", arguments, _input_shape(r, rank, data_format, 2)


def _shape_change(r):
    sizes = [r.randint(2, 5) for _ in range(r.randint(1, 3))]
    shape, total = (3, *sizes), 1
    for n in sizes:
        total *= n
    order = r.sample(range(1, len(sizes) + 1), len(sizes))
    divisor = r.choice([n for n in range(1, total + 1) if total % n == 0])
    choices = [
        ("Flatten", {"data_format": r.choice(["channels_last", "channels_first"])}, shape),
        ("Reshape", {"target_shape": r.choice([(divisor, -1), (-1,), (divisor, total // divisor)])}, shape),
        ("Permute", {"dims": tuple(order)}, shape),
        ("RepeatVector", {"n": r.randint(1, 4)}, shape[:2]),
        ("Identity", {}, shape),
        ("Masking", {"mask_value": r.choice([0.0, 0.5])}, shape),
        ("ActivityRegularization", {"l1": r.choice([0.0, 0.5]), "l2": r.choice([0.0, 0.1])}, shape),
        ("Rescaling", {"scale": r.choice([0.5, 1 / 255]), "offset": r.choice([0.0, -1.0])}, shape),
        ("Dropout", {"rate": 0.3, "seed": r.choice([None, 7]), "noise_shape": None}, shape),
        ("SpatialDropout2D", {"rate": 0.25}, (3, 4, 5, 2)),
    ]
    return r.choice(choices)


def _merge(r):
    name = r.choice(["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot"])
    sizes = [r.randint(1, 4) for _ in range(r.randint(1, 3))]
    if name == "Concatenate":
        axis = r.randint(1, len(sizes))
        others = [[3, *sizes] for _ in range(r.randint(1, 3))]
        for shape in others:
            shape[axis] = r.randint(1, 4)
        return name, {"axis": r.choice([axis, axis - len(sizes) - 1])}, list(map(tuple, others))
    if name == "Dot":
        first, second = r.choice(
            [((3, 4), (3, 4)), ((3, 2, 4), (3, 5, 4)), ((3, 4, 2), (3, 4)), ((3, 4), (3, 2, 4))]
        )
        axes = tuple(shape.index(4) for shape in (first, second))
        return name, {"axes": axes, "normalize": r.random() < 0.4}, [first, second]
    count = 2 if name == "Subtract" else r.randint(2, 4)
    # sizes of 1 are stretched, and a tensor of lower rank gets axes
    shapes = [[3, *[n if r.random() < 0.8 else 1 for n in sizes]] for _ in range(count)]
    if len(sizes) > 1 and r.random() < 0.3:
        del shapes[-1][1]
    return name, {}, list(map(tuple, shapes))


# family -> (draw, how many of the default suite, share of a long run)
FAMILIES = {
    "conv": (_conv, 10, 5),
    "depthwise": (_depthwise, 6, 4),
    "transpose": (_transpose, 8, 5),
    "pool": (_pool, 12, 4),
    "dense": (_dense, 4, 1),
    "normalization": (_normalization, 4, 1),
    "sample normalization": (_sample_normalization, 10, 2),
    "noise": (_noise, 6, 1),
    "activation": (_activation, 10, 3),
    "border": (_border, 6, 1),
    "up sampling": (_up_sampling, 6, 1),
    "shape change": (_shape_change, 10, 1),
    "merge": (_merge, 10, 2),
}
SAMPLE = [(family, i) for family, (_, count, _) in FAMILIES.items() for i in range(count)]


def draw(family, i):
    """(layer name, arguments, input shape or list of shapes) of draw `i` of a family."""
    name, arguments, shape = FAMILIES[family][0](random.Random(f"{family} {i}"))
    return name, {**arguments, "name": "layer_under_test"}, shape


def long_run(count):
    """About `count` draws: every family by its share."""
    shares = sum(share for _, _, share in FAMILIES.values())
    return [
        (family, i) for family, (_, _, share) in FAMILIES.items() for i in range(-(-count * share // shares))
    ]
