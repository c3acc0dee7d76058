"""Layer, group, RMS and unit normalisation, and Normalization with adapt."""

import convcore
import numpy as np
import pytest
from convcore import layers, ops
from run_layer_test import assert_close, random_input, run_layer_test

RANDOM = {"gamma_initializer": "random_normal", "beta_initializer": "random_normal"}


def standardised(x, axes, epsilon):
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + epsilon)


@pytest.mark.parametrize(
    "shape, axis", [((4, 3), -1), ((2, 5, 6, 3), -1), ((2, 5, 4), [1, 2]), ((2, 4, 5, 3), 1)]
)
def test_layer_normalization(shape, axis):
    axes = tuple(axis) if isinstance(axis, list) else (axis,)
    size = tuple(shape[a] for a in axes)
    lying = [n if i in [a % len(shape) for a in axes] else 1 for i, n in enumerate(shape)]
    run_layer_test(
        layers.LayerNormalization,
        {"axis": axis, **RANDOM},
        shape,
        shape,
        {"gamma": size, "beta": size},
        reference=lambda x, g, b: standardised(x, axes, 1e-3) * g.reshape(lying) + b.reshape(lying),
    )


@pytest.mark.parametrize("groups, axis", [(3, -1), (6, -1), (-1, -1), (1, -1), (2, 1)])
def test_group_normalization(groups, axis):
    shape = (2, 6, 4, 5) if axis == 1 else (2, 4, 5, 6)
    count = 6 if groups == -1 else groups

    def reference(x, gamma, beta):
        x = np.moveaxis(x, axis, -1)
        grouped = x.reshape(*x.shape[:-1], count, 6 // count)
        y = standardised(grouped, (1, 2, 4), 1e-3).reshape(x.shape) * gamma + beta
        return np.moveaxis(y, -1, axis)

    run_layer_test(
        layers.GroupNormalization,
        {"groups": groups, "axis": axis, **RANDOM},
        shape,
        shape,
        {"gamma": (6,), "beta": (6,)},
        reference=reference,
    )


def test_group_normalization_of_images_of_any_size():
    x = convcore.Input((None, None, 6))
    model = convcore.Model(x, layers.GroupNormalization(3)(x))
    for shape in ((1, 4, 5, 6), (2, 7, 3, 6)):
        image = random_input(shape)
        assert_close(model(image), layers.GroupNormalization(3)(image))


def test_rms_normalization():
    run_layer_test(
        layers.RMSNormalization,
        {"epsilon": 1e-2},
        (2, 3, 5),
        (2, 3, 5),
        {"scale": (5,)},
        reference=lambda x, s: x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-2) * s,
    )


@pytest.mark.parametrize("axis", [-1, [1, 2]])
def test_unit_normalization(axis):
    axes = tuple(axis) if isinstance(axis, list) else axis
    run_layer_test(
        layers.UnitNormalization,
        {"axis": axis},
        (2, 3, 5),
        (2, 3, 5),
        reference=lambda x: x / np.sqrt((x**2).sum(axes, keepdims=True)),
    )


def test_a_zero_vector_stays_and_has_no_gradient():
    with convcore.core.trace.Trace() as trace:
        x = trace.input("float32", (2, 3), "x")
        y = layers.UnitNormalization()(x)
        (dx,) = trace.graph.gradients(ops.sum(y[:, 0]), [x])
        function = trace.finish([y, dx])
    y, dx = function([np.array([[0, 0, 0], [3, 0, 4]], "float32")])
    np.testing.assert_allclose(y, [[0, 0, 0], [0.6, 0, 0.8]], rtol=1e-6)
    np.testing.assert_allclose(dx, [[0, 0, 0], [0.128, 0, -0.096]], rtol=1e-5)


@pytest.mark.parametrize(
    "call, error, words",
    [
        (lambda: layers.LayerNormalization("a"), TypeError, ["axis", "'a'"]),
        (lambda: layers.LayerNormalization(axis=3)(random_input((2, 3))), ValueError, ["axis=[3]", ", 3)"]),
        (lambda: layers.GroupNormalization(0), ValueError, ["groups", "0"]),
        (lambda: layers.GroupNormalization(3)(random_input((2, 8))), ValueError, ["8 channels", "groups=3"]),
        (lambda: layers.Normalization(mean=1.0), ValueError, ["both `mean` and `variance`", "1.0"]),
        (lambda: layers.Normalization().adapt([]), ValueError, ["at least one batch"]),
        (lambda: layers.Normalization().adapt(iter([42])), TypeError, ["`.shape`", "int"]),
        (lambda: layers.Normalization().adapt(3), TypeError, ["array or batches", "int"]),
        (
            lambda: layers.Normalization().adapt([random_input((2, 3)), random_input((2, 4))]),
            ValueError,
            ["(3,)", "(2, 4)"],
        ),
    ],
)
def test_errors(call, error, words):
    with pytest.raises(error) as caught:
        call()
    assert all(word in str(caught.value) for word in words), str(caught.value)


class Batches(convcore.utils.PyDataset):
    def __init__(self, x):
        super().__init__()
        self.x = x

    def __len__(self):
        return 3

    def __getitem__(self, i):
        return self.x[[slice(0, 2), slice(2, 9), slice(9, 10)][i]], np.zeros(1)


@pytest.mark.parametrize("kind", ["array", "list", "generator", "dataset"])
@pytest.mark.parametrize("axis", [-1, None, (1, 2)])
def test_adapt(kind, axis):
    x = random_input((10, 4, 3)) * 3 + 5
    data = {
        "array": lambda: x,
        "list": lambda: [x[:2], x[2:9], x[9:]],
        "generator": lambda: (b for b in (x[:2], x[2:9], x[9:])),
        "dataset": lambda: Batches(x),
    }[kind]()
    layer = layers.Normalization(axis=axis)
    layer.adapt(data)
    kept = () if axis is None else (axis,) if axis == -1 else axis
    others = tuple(i for i in range(3) if i not in [a % 3 for a in kept])
    mean, deviation = x.mean(others, keepdims=True), x.std(others, keepdims=True)
    assert_close(layer(x), (x - mean) / deviation)
    assert_close(layer.mean, mean)
    assert [(w.name, w.dtype) for w in layer.weights] == [
        ("mean", "float32"),
        ("variance", "float32"),
        ("count", "int32"),
    ]
    back = layers.Normalization(axis=axis, invert=True)
    back.adapt(x)
    assert_close(back(layer(x)), x)


def test_adapted_statistics_are_saved(tmp_path):
    layer = layers.Normalization()
    x = random_input((6, 3)) * 2 - 4
    layer.adapt(x)
    model = convcore.Sequential([convcore.Input((3,)), layer, layers.Dense(2)])
    model.save(tmp_path / "model.keras")
    again = convcore.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
    layer.adapt(x * 2)  # a new adaption shows in the model at once
    assert not np.array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
