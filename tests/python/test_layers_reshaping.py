"""Flatten, Reshape, Permute, RepeatVector."""

import numpy as np
import pytest
from convcore import Input, KerasTensor, Model, layers, ops
from convcore.testing import reference
from run_layer_test import random_input, run_layer_test


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize(
    "shape, size", [((2, 5), 5), ((2, 3, 4), 12), ((2, 3, 4, 5), 60), ((2, 3, 2, 2, 5), 60), ((4,), 1)]
)
def test_flatten(shape, size, data_format):
    run_layer_test(
        layers.Flatten,
        {"data_format": data_format},
        shape,
        (shape[0], size),
        reference=lambda x: reference.flatten(x, data_format),
    )


def test_flatten_makes_both_formats_equal():
    x = random_input((2, 4, 5, 3))
    last = layers.Flatten()(x)
    first = layers.Flatten(data_format="channels_first")(np.moveaxis(x, -1, 1))
    np.testing.assert_array_equal(last, first)


@pytest.mark.parametrize(
    "target, shape", [((3, 8), (3, 8)), ((-1,), (24,)), ((2, -1, 3), (2, 4, 3)), ((24, 1), (24, 1))]
)
def test_reshape(target, shape):
    run_layer_test(
        layers.Reshape,
        {"target_shape": target},
        (2, 4, 6),
        (2, *shape),
        reference=lambda x: x.reshape(2, *shape),
    )


def test_reshape_with_unknown_sizes():
    assert layers.Reshape((-1, 2))(KerasTensor((3, None, 4))).shape == (3, None, 2)
    assert layers.Reshape((4, 2))(KerasTensor((None, None, 4))).shape == (None, 4, 2)
    x = Input((None, 3))
    model = Model(x, layers.Reshape((-1, 2))(x))
    assert model.output_shape == (None, None, 2)
    given = random_input((5, 4, 3))
    np.testing.assert_array_equal(model.predict(given, verbose=0), given.reshape(5, 6, 2))
    with pytest.raises(ValueError, match="9 values"):
        model.predict(given[:, :3], verbose=0)


@pytest.mark.parametrize("dims", [(2, 1, 3), (3, 2, 1), (1, 2, 3)])
def test_permute(dims):
    run_layer_test(
        layers.Permute,
        {"dims": dims},
        (2, 3, 4, 5),
        (2, *[(3, 4, 5)[d - 1] for d in dims]),
        reference=lambda x: x.transpose(0, *dims),
    )


def test_repeat_vector():
    run_layer_test(
        layers.RepeatVector, {"n": 3}, (2, 5), (2, 3, 5), reference=lambda x: np.repeat(x[:, None], 3, axis=1)
    )


@pytest.mark.parametrize(
    "make, error, words",
    [
        (lambda: layers.Reshape((3, 3))(random_input((2, 256))), ValueError, ["256", "(3, 3)"]),
        (lambda: layers.Reshape((3, -1))(random_input((2, 256))), ValueError, ["256", "(3, -1)"]),
        (lambda: layers.Reshape((-1, -1)), ValueError, ["-1", "(-1, -1)"]),
        (lambda: layers.Reshape((-2,)), ValueError, ["(-2,)"]),
        (lambda: layers.Permute((0, 1)), ValueError, ["consecutive", "(0, 1)"]),
        (
            lambda: layers.Permute((2, 1))(random_input((2, 3, 4, 5))),
            ValueError,
            ["ndim", "3", "(2, 3, 4, 5)"],
        ),
        (lambda: layers.RepeatVector(0), ValueError, ["positive", "0"]),
        (lambda: layers.RepeatVector(1.5), TypeError, ["integer", "1.5"]),
        (lambda: layers.RepeatVector(2)(random_input((2, 3, 4))), ValueError, ["ndim", "2", "(2, 3, 4)"]),
        (lambda: layers.Flatten("x"), ValueError, ["channels_last", "x"]),
    ],
)
def test_errors(make, error, words):
    with pytest.raises(error) as caught:
        make()
    assert all(word in str(caught.value) for word in words), str(caught.value)


PAIRS = {1: [(1, 2)], 2: [(1, 0), (2, 1)], 3: [(1, 0), (0, 2), (1, 1)]}
SIZES = {1: (7,), 2: (6, 5), 3: (5, 4, 6)}


def _spatial(rank, data_format):
    return slice(2, None) if data_format == "channels_first" else slice(1, rank + 1)


def _shape(rank, data_format):
    return (2, 3, *SIZES[rank]) if data_format == "channels_first" else (2, *SIZES[rank], 3)


def _argument(rank):
    return PAIRS[1][0] if rank == 1 else tuple(PAIRS[rank])


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_zero_padding(rank, data_format):
    edges = [(0, 0)] * (rank + 2)
    edges[_spatial(rank, data_format)] = PAIRS[rank]
    shape = _shape(rank, data_format)
    run_layer_test(
        getattr(layers, f"ZeroPadding{rank}D"),
        {"padding": _argument(rank), "data_format": data_format},
        shape,
        np.pad(np.zeros(shape), edges).shape,
        reference=lambda x: np.pad(x, edges),
    )


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_cropping(rank, data_format):
    if rank == 1 and data_format == "channels_first":
        data_format = "channels_last"
    arguments = {"cropping": _argument(rank), **({"data_format": data_format} if rank > 1 else {})}
    shape = _shape(rank, data_format)
    cut = [slice(None)] * (rank + 2)
    sizes = shape[_spatial(rank, data_format)]
    cut[_spatial(rank, data_format)] = [slice(a, n - b) for (a, b), n in zip(PAIRS[rank], sizes, strict=True)]
    run_layer_test(
        getattr(layers, f"Cropping{rank}D"),
        arguments,
        shape,
        np.zeros(shape)[tuple(cut)].shape,
        reference=lambda x: x[tuple(cut)],
    )


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("rank, size", [(1, 3), (2, (2, 3)), (2, 2), (3, (1, 2, 3))])
def test_up_sampling(rank, size, data_format):
    if rank == 1 and data_format == "channels_first":
        data_format = "channels_last"
    shape = _shape(rank, data_format)
    first = 2 if data_format == "channels_first" else 1

    def expected(x):
        for i in range(rank):
            x = np.repeat(x, size if isinstance(size, int) else size[i], axis=first + i)
        return x

    arguments = {"size": size, **({"data_format": data_format} if rank > 1 else {})}
    run_layer_test(
        getattr(layers, f"UpSampling{rank}D"),
        arguments,
        shape,
        expected(np.zeros(shape)).shape,
        reference=expected,
    )


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic"])
def test_up_sampling_of_unknown_sizes(interpolation):
    inputs = layers.Input((None, None, 3))
    layer = layers.UpSampling2D((2, 3), interpolation=interpolation)
    model = Model(inputs, layer(inputs))
    assert model.output_shape == (None, None, None, 3)
    for size in (4, 7):
        x = random_input((2, size, 5, 3))
        expected = ops.image.resize(x, (2 * size, 15), interpolation=interpolation)
        np.testing.assert_array_equal(model(x), expected)


def test_up_sampling_keeps_integers():
    x = np.arange(12, dtype="uint8").reshape(1, 2, 2, 3) * 20
    assert layers.UpSampling2D(2)(x).dtype == np.uint8
    smooth = layers.UpSampling2D(2, interpolation="bilinear")(x)
    assert smooth.dtype == np.uint8 and smooth.max() == x.max()


def test_forms_of_padding():
    assert layers.ZeroPadding1D().padding == (1, 1) and layers.ZeroPadding1D((0, 2)).padding == (0, 2)
    assert layers.ZeroPadding2D().padding == ((1, 1), (1, 1)) and layers.ZeroPadding2D((1, 2)).padding == (
        (1, 1),
        (2, 2),
    )
    assert layers.Cropping1D().cropping == (1, 1) and layers.Cropping2D().cropping == ((0, 0), (0, 0))
    assert layers.Cropping3D(2).cropping == ((2, 2), (2, 2), (2, 2))


@pytest.mark.parametrize(
    "make, error, words",
    [
        (lambda: layers.ZeroPadding2D(((-1, 0), (0, 0))), ValueError, ["padding", "-1"]),
        (lambda: layers.ZeroPadding2D(((1, 2, 3),)), ValueError, ["padding", "(1, 2, 3)"]),
        (
            lambda: layers.Cropping2D(4)(random_input((1, 8, 8, 3))),
            ValueError,
            ["smaller", "((4, 4), (4, 4))", "8, 8, 3)"],
        ),
        (lambda: layers.UpSampling1D(0), ValueError, ["positive", "0"]),
        (lambda: layers.UpSampling1D("a"), TypeError, ["integer", "a"]),
        (lambda: layers.UpSampling2D(2, interpolation="foo"), ValueError, ["nearest", "foo"]),
    ],
)
def test_padding_errors(make, error, words):
    with pytest.raises(error) as caught:
        make()
    assert all(word in str(caught.value) for word in words), str(caught.value)
