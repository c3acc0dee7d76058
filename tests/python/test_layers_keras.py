"""Random layer configurations against Keras on JAX: configs, weights, shapes, values, JSON both ways."""

import inspect
import json
import random

import numpy as np
import pytest
from convcore import layers, saving
from oracle import keras

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
    # JAX computes strides of one size only
    arguments[r.choice(["strides", "dilation_rate"])] = r.choice([1, 2])
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


def _other(r, i=0):
    choices = [
        ("Flatten", {"data_format": r.choice(["channels_last", "channels_first"])}, (3, 4, 5, 2)),
        ("Reshape", {"target_shape": r.choice([(5, 8), (-1,), (2, -1, 4)])}, (3, 4, 5, 2)),
        ("Permute", {"dims": r.choice([(2, 1, 3), (3, 1, 2)])}, (3, 4, 5, 2)),
        ("RepeatVector", {"n": 3}, (3, 4)),
        ("Identity", {}, (3, 4)),
        (
            "Activation",
            {
                "activation": r.choice(
                    ["relu", "mish", "softplus", "hard_sigmoid", "selu", "log_softmax", "tanh_shrink"]
                )
            },
            (3, 4),
        ),
        (
            "ReLU",
            {"max_value": r.choice([None, 1.0]), "negative_slope": 0.1, "threshold": r.choice([0.0, 0.5])},
            (3, 4),
        ),
        ("LeakyReLU", {}, (3, 4)),
        ("ELU", {"alpha": 0.5}, (3, 4)),
        ("PReLU", {"alpha_initializer": "ones", "shared_axes": r.choice([None, [1]])}, (3, 4, 5)),
        ("Softmax", {"axis": r.choice([-1, 1])}, (3, 4, 5)),
        (
            "Dropout",
            {"rate": 0.3, "seed": r.choice([None, 7]), "noise_shape": r.choice([None, (3, 1)])},
            (3, 4),
        ),
        ("ActivityRegularization", {"l1": 0.5}, (3, 4)),
        ("ZeroPadding1D", {"padding": (1, 2)}, (3, 4, 2)),
        ("ZeroPadding2D", {"padding": r.choice([1, (1, 2), ((1, 0), (2, 1))])}, (3, 4, 5, 2)),
        ("ZeroPadding3D", {"data_format": "channels_first"}, (3, 2, 4, 5, 4)),
        ("Cropping1D", {}, (3, 4, 2)),
        ("Cropping2D", {"cropping": ((1, 0), (0, 2)), "data_format": "channels_first"}, (3, 2, 4, 5)),
        ("UpSampling1D", {"size": 3}, (3, 4, 2)),
        ("UpSampling2D", {"size": (2, 1)}, (3, 4, 5, 2)),
        ("UpSampling2D", {"size": 2, "interpolation": "bilinear"}, (3, 4, 5, 2)),
        (
            "UpSampling2D",
            {"size": (3, 2), "interpolation": "bicubic", "data_format": "channels_first"},
            (3, 2, 4, 5),
        ),
        ("Masking", {"mask_value": 0.5}, (3, 4, 2)),
        ("UpSampling3D", {}, (3, 2, 2, 3, 2)),
        ("Rescaling", {"scale": 0.5, "offset": 1.0}, (3, 4)),
        ("SpatialDropout2D", {"rate": 0.25}, (3, 4, 5, 2)),
    ]
    return choices[i % len(choices)]


FAMILIES = {
    "conv": (_conv, 18),
    "depthwise": (_depthwise, 12),
    "transpose": (_transpose, 16),
    "pool": (_pool, 22),
    "dense": (_dense, 8),
    "normalization": (_normalization, 8),
    "other": (_other, 48),
    "sample normalization": (_sample_normalization, 24),
    "noise": (_noise, 12),
}
CASES = [(family, i) for family, (_, count) in FAMILIES.items() for i in range(count)]


def _arguments(family, i):
    name, arguments, shape = FAMILIES[family][0](
        random.Random(f"{family} {i}"), *([i] if family == "other" else [])
    )
    return name, {**arguments, "name": "layer_under_test"}, shape


def _make(family, i):
    name, arguments, _ = _arguments(family, i)
    return getattr(layers, name)(**arguments), getattr(keras.layers, name)(**arguments)


def _built_alike(family, i):
    """The two layers with equal weights; made from zeros, because JAX compiles each random draw."""
    name, arguments, shape = _arguments(family, i)
    parameters = inspect.signature(getattr(keras.layers, name).__init__).parameters
    arguments |= {key: "zeros" for key in parameters if key.endswith("_initializer")}
    ours, theirs = getattr(layers, name)(**arguments), getattr(keras.layers, name)(**arguments)
    ours.build(shape)
    theirs.build(shape)
    assert [(w.name, tuple(w.shape), w.trainable) for w in ours.weights] == [
        (w.name, tuple(w.shape), w.trainable) for w in theirs.weights
    ]
    draws = np.random.default_rng(i)
    weights = [
        draws.uniform(0.2, 1.0, w.shape).astype("float32") * draws.choice([-1, 1]) for w in ours.weights
    ]
    weights = [
        np.abs(v) if w.name == "moving_variance" else v for v, w in zip(weights, ours.weights, strict=True)
    ]
    ours.set_weights(weights)
    theirs.set_weights(weights)
    return ours, theirs, shape


def assert_same_config(ours, theirs, path="config"):
    """Equal values under equal keys; Keras rounds some factors to float32, so floats agree to 1e-6."""
    if isinstance(theirs, dict):
        assert set(ours) == set(theirs), f"{path}: keys {sorted(ours)}, Keras has {sorted(theirs)}"
        for key in theirs:
            assert_same_config(ours[key], theirs[key], f"{path}.{key}")
    elif isinstance(theirs, float):
        assert ours == pytest.approx(theirs, rel=1e-6), path
    else:
        # Keras tracks its lists in a class of its own
        same = isinstance(theirs, type(ours)) and ours == theirs
        assert same, f"{path}: {ours!r}, Keras has {theirs!r}"


def assert_close(ours, theirs):
    theirs = np.asarray(theirs)
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
    assert np.abs(ours - theirs).max(initial=0.0) <= 1e-5 * max(1.0, np.abs(theirs).max(initial=0.0))


@pytest.mark.parametrize("family, i", CASES)
def test_layer(family, i):
    assert_same_config(*(layer.get_config() for layer in _make(family, i)))
    ours, theirs, shape = _built_alike(family, i)
    x = np.random.default_rng(i).standard_normal(shape).astype("float32")
    assert_close(ours(x), theirs(x))
    assert tuple(ours.compute_output_shape(shape)) == tuple(theirs.compute_output_shape(shape))
    free = (None, *shape[1:])
    assert tuple(ours.compute_output_shape(free)) == tuple(theirs.compute_output_shape(free))


@pytest.mark.parametrize("family, i", CASES[::3])
def test_configs_cross(family, i):
    """Keras reads what convcore writes and the other way round, through JSON."""
    ours, theirs = _make(family, i)
    there = keras.saving.deserialize_keras_object(json.loads(json.dumps(saving.serialize_keras_object(ours))))
    assert_same_config(
        json.loads(json.dumps(there.get_config())), json.loads(json.dumps(theirs.get_config()))
    )
    here = saving.deserialize_keras_object(
        json.loads(json.dumps(keras.saving.serialize_keras_object(theirs)))
    )
    assert_same_config(here.get_config(), ours.get_config())


@pytest.mark.parametrize("i", range(5))
def test_batch_normalization_in_training(i):
    ours, theirs, shape = _built_alike("normalization", i)
    x = np.random.default_rng(i).standard_normal(shape).astype("float32") * 2 + 1
    for _ in range(3):
        assert_close(ours(x, training=True), theirs(x, training=True))
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert_close(a, b)


@pytest.mark.parametrize(
    "name, arguments",
    [
        ("Zeros", {}),
        ("Constant", {"value": 2.0}),
        ("RandomNormal", {"seed": 3}),
        ("RandomUniform", {}),
        ("TruncatedNormal", {"stddev": 0.1}),
        ("VarianceScaling", {"mode": "fan_out", "distribution": "uniform"}),
        ("GlorotUniform", {"seed": 1}),
        ("HeNormal", {}),
        ("LecunUniform", {}),
        ("Orthogonal", {"gain": 2.0}),
        ("Identity", {}),
    ],
)
def test_initializer_configs(name, arguments):
    from convcore import initializers

    ours, theirs = getattr(initializers, name)(**arguments), getattr(keras.initializers, name)(**arguments)
    assert_same_config(initializers.serialize(ours), keras.initializers.serialize(theirs))


@pytest.mark.parametrize("module", ["regularizers", "constraints"])
def test_regularizer_and_constraint_values(module):
    import convcore

    w = np.random.default_rng(0).standard_normal((4, 3)).astype("float32")
    names = {
        "regularizers": ["L1", "L2", "L1L2", "OrthogonalRegularizer"],
        "constraints": ["MaxNorm", "UnitNorm", "MinMaxNorm", "NonNeg"],
    }
    for name in names[module]:
        ours, theirs = getattr(getattr(convcore, module), name)(), getattr(getattr(keras, module), name)()
        assert_same_config(
            getattr(convcore, module).serialize(ours), getattr(keras, module).serialize(theirs)
        )
        np.testing.assert_allclose(np.asarray(ours(w)), np.asarray(theirs(w)), rtol=1e-5, atol=1e-7)


ERRORS = [
    "Conv2D(0, 3)",
    "Conv2D(4, 0)",
    "Conv2D(4, (3,))",
    "Conv2D(4, (3, 'a'))",
    "Conv2D(4, 3, strides=0)",
    "Conv2D(4, 3, strides=2, dilation_rate=2)",
    "Conv2D(4, 3, strides=(2, 1), dilation_rate=(1, 2))",
    "Conv2D(4, 3, padding='foo')",
    "Conv2D(4, 3, padding='causal')",
    "Conv2D(4, 3, groups=0)",
    "Conv2D(4, 3, groups=3)",
    "Conv2D(4, 3, data_format='NHWC')",
    "Conv2D(4, 3, activation='nope')",
    "Conv2D(4, 3, kernel_initializer='nope')",
    "Conv2D(4, 3, kernel_regularizer='nope')",
    "Conv2D(4, 3, kernel_constraint='nope')",
    "Conv2D(4, 3, foo=1)",
    "Conv2D(4, 3, name='a/b')",
    "Conv2D(4, 3, trainable='x')",
    "Conv2D(4, 3, groups=2)(Input((8, 8, 3)))",
    "Conv2D(4, 9)(Input((8, 8, 3)))",
    "Conv2D(4, 3)(Input((8, 3)))",
    "Conv2D(4, 3)(Input((8, 8, 8, 3)))",
    "MaxPooling2D(0)",
    "MaxPooling2D((2, 2, 2))",
    "MaxPooling2D(9)(Input((8, 8, 3)))",
    "MaxPooling2D(2)(Input((8, 3)))",
    "AveragePooling2D()",
    "Dense(0)",
    "Dense(2.5)",
    "Dense(3)(Input(()))",
    "Input()",
    "Input(shape=(3,), batch_shape=(None, 3))",
    "Reshape((3, 3))(Input((256,)))",
    "Reshape((-1, -1))(Input((256,)))",
    "Reshape((-2,))(Input((256,)))",
    "Permute((0, 1))",
    "RepeatVector(0)(Input((3,)))",
    "RepeatVector(1.5)",
    "UpSampling1D('a')",
    "ZeroPadding2D(((-1, 0), (0, 0)))",
    "ZeroPadding2D(((1, 2, 3),))",
    "Cropping2D(4)(Input((8, 8, 3)))",
    "Add()([Input((3,)), Input((4,))])",
    "Add()(Input((3,)))",
    "Concatenate()([Input((3, 4)), Input((4, 4))])",
    "Subtract()([Input((3,))] * 3)",
    "ReLU(max_value=-1)",
    "ReLU(negative_slope=None)",
    "LeakyReLU(-1)",
    "Dropout(1.5)",
    "ActivityRegularization(l1=-1.0)",
]


@pytest.mark.parametrize("call", ERRORS)
def test_errors_have_the_type_that_keras_raises(call):
    with pytest.raises((ValueError, TypeError)) as theirs:
        eval(call, dict(vars(keras.layers)))
    with pytest.raises(type(theirs.value)):
        eval(call, dict(vars(layers)))


MERGES = [
    ("Add", {}, [(2, 3, 4), (2, 4), (2, 1, 4)]),
    ("Subtract", {}, [(2, 3), (2, 3)]),
    ("Multiply", {}, [(2, 3, 4), (2, 3, 1)]),
    ("Average", {}, [(2, 3), (2, 3), (2, 3)]),
    ("Maximum", {}, [(2, 3, 4), (2, 4)]),
    ("Minimum", {}, [(2, 3), (2, 3)]),
    ("Concatenate", {"axis": 1}, [(2, 3, 4), (2, 5, 4)]),
    ("Dot", {"axes": (1, 2)}, [(2, 3, 4), (2, 5, 3)]),
    ("Dot", {"axes": -1, "normalize": True}, [(2, 3), (2, 3)]),
]


@pytest.mark.parametrize("name, arguments, shapes", MERGES)
def test_merges(name, arguments, shapes):
    ours, theirs = (getattr(m, name)(**arguments, name="merge") for m in (layers, keras.layers))
    assert_same_config(ours.get_config(), theirs.get_config())
    inputs = [np.random.default_rng(i).standard_normal(s).astype("float32") for i, s in enumerate(shapes)]
    assert_close(ours(inputs), theirs(inputs))
    assert tuple(ours.compute_output_shape(shapes)) == tuple(theirs.compute_output_shape(shapes))
