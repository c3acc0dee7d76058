"""Random layer configurations against Keras on JAX: configs, weights, shapes, values, JSON both ways."""

import json

import numpy as np
import pytest
from compare_layers import assert_close, assert_same_config, built_alike, compare, make
from convcore import layers, saving
from oracle import keras
from random_layers import FAMILIES, SAMPLE, draw, long_run


@pytest.mark.parametrize("family, i", SAMPLE)
def test_layer(family, i):
    compare(family, i, gradients=i % 8 == 1)


def test_a_long_run_has_what_is_asked_for():
    assert 3000 <= len(long_run(3000)) < 3100
    drawn = {draw(family, i)[0] for family in FAMILIES for i in range(200)}
    assert len(drawn) > 70


@pytest.mark.parametrize("family, i", SAMPLE[::3])
def test_configs_cross(family, i):
    """Keras reads what convcore writes and the other way round, through JSON."""
    ours, theirs = make(family, i)
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
    ours, theirs, shape = built_alike("normalization", i)
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


@pytest.mark.parametrize("clipping", [None, {"rmax": 1.2, "rmin": 0.9, "dmax": 0.1}])
@pytest.mark.parametrize("own", [{"axis": 1, "scale": False}, {"center": False}, {}])
def test_batch_renormalization_in_training(own, clipping):
    arguments = {"renorm": True, "renorm_clipping": clipping, "renorm_momentum": 0.8, "momentum": 0.7, **own}
    ours, theirs = layers.BatchNormalization(**arguments), keras.layers.BatchNormalization(**arguments)
    random = np.random.default_rng(0)
    for _ in range(3):
        x = random.normal(1, 2, (4, 5, 3)).astype("float32")
        mask = {"mask": random.random((4, 5)) > 0.3} if "axis" not in own else {}
        np.testing.assert_allclose(
            ours(x, training=True, **mask), theirs(x, training=True, **mask), rtol=1e-4, atol=1e-5
        )
    assert [w.name for w in ours.weights] == [w.name for w in theirs.weights]
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)
    assert_close(ours(x), theirs(x))
    assert layers.BatchNormalization.from_config(ours.get_config()).renorm_clipping == ours.renorm_clipping
