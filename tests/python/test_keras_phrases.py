"""Errors and warnings contain the phrases by which users of Keras, and Keras's own tests, know them."""

import convcore as cc
import h5py
import numpy as np
import pytest
from convcore import layers, ops

IMAGE = np.ones((2, 8, 8, 3), "float32")
NARROW = np.ones((2, 4), "float32")


def two_inputs(as_dict):
    a, b = cc.Input((3,), name="a"), cc.Input((4,), name="b")
    outputs = layers.Concatenate()([a, b])
    return cc.Model({"a": a, "b": b} if as_dict else [a, b], outputs)


def nested_input():
    x = cc.Input((3,), name="inner")
    return cc.Model([{"foo": x}], layers.Dense(2)(x))


def disconnected():
    a, b = cc.Input((2,)), cc.Input((2,), name="b")
    return cc.Model(a, {"output1": a * 2, "output2": b * 3})


def saved(model, path, **options):
    cc.saving.save_model(model, path, **options)


def dense():
    return cc.Sequential([cc.Input((4,)), layers.Dense(3)])


MISTAKES = {
    "layers.Conv2D(2, 3, strides=2, dilation_rate=(2, 1))": (
        "`strides > 1` not supported in conjunction with `dilation_rate > 1`"
    ),
    "layers.Conv1DTranspose(2, 3, strides=2, output_padding=2)": (
        "`output_padding` must be strictly less than `strides`"
    ),
    "layers.DepthwiseConv2D(9)(IMAGE)": "Computed output size would be zero or negative.",
    "layers.Softmax()(NARROW, mask=np.ones((3, 4), bool))": "broadcastable",
    "layers.Embedding(3.7, 2)": "`input_dim` must be a positive integer",
    "layers.SpectralNormalization(layers.ReLU())(IMAGE)": "object has no attribute 'kernel' nor 'embeddings'",
    "two_inputs(True)(NARROW)": "named input(s) with keys",
    "nested_input()(np.ones((), 'float32'))": "name 'inner' and path '0.foo'",
    "disconnected()": "Output with path `output2` is not connected",
    "cc.models.clone_model(two_inputs(True), input_tensors=cc.Input((3,)))": (
        "`input_tensors` must have the same structure as model.input"
    ),
    "saved(dense(), 'm.keras', save_format='keras')": "The `save_format` argument is deprecated",
    "saved(dense(), 'm.keras', other=1)": "The following argument(s) are not supported",
    "saved(dense(), 'm.png')": "Invalid filepath extension for saving",
    "dense().load_weights('m.weights.h5', other=1)": "Invalid keyword arguments",
    "cc.Sequential([layers.Dense(3)]).save_weights('m.weights.h5')": (
        "You are saving a model that has not yet been built."
    ),
    "cc.saving.serialize_keras_object(lambda x: x)": "arbitrary code execution",
    "cc.Variable('zeros')": "When creating a Variable from an initializer, the `shape` argument",
    "cc.Variable(1.0, name=3)": "Argument `name` must be a string",
    "cc.random.SeedGenerator('a')": "Argument `seed` must be an integer",
    "ops.normalize(NARROW, order=-1)": "Argument `order` must be an int >= 1",
    "ops.batch_normalization(IMAGE, np.ones(3), np.ones(3), axis=-1, offset=np.ones(5))": (
        "`offset` must be a vector of length 3"
    ),
    "ops.fold(IMAGE, (4, 4), 2)": "3D",
    "ops.unstack(cc.KerasTensor((2, None)), axis=1)": "Cannot infer argument `num` from shape (2, None)",
    "ops.transpose(NARROW, (0, 0))": "valid permutation",
    "ops.histogram(NARROW[0], bins=-5)": "Argument `bins` should be a non-negative integer",
    "ops.histogram(NARROW[0], range=(5, 1))": "The second element of `range` must be greater than the first",
    "ops.image.resize(IMAGE, (0, 4))": "`size` must have positive height and width",
    "ops.image.crop_images(IMAGE, None, 0, 1, 0, target_height=9)": "top_cropping must be >= 0",
    "ops.image.pad_images(IMAGE, None, 0, 1, 0, target_height=3)": "top_padding must be >= 0",
    "ops.image.rgb_to_hsv(IMAGE, 'channels_first')": "Input images must have 3 channels, but received images",
    "ops.image.rgb_to_grayscale(np.ones((4, 4, 4)))": "Invalid channel size: expected 3 (RGB) or 1 "
    "(Grayscale).",
    "ops.image.affine_transform(IMAGE, np.ones((2, 3, 2)))": "Invalid transform rank: expected rank 1",
    "ops.image.map_coordinates(IMAGE, np.ones((2, 5)), 1)": "must be the same as the rank of `inputs`",
    "cc.utils.pad_sequences([[1]], value='pad')": "`dtype` int32 is not compatible with",
}


@pytest.mark.parametrize("call", MISTAKES)
def test_the_error_has_keras_phrase(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises((ValueError, TypeError)) as caught:
        eval(call)
    assert MISTAKES[call] in str(caught.value)


def test_axis_of_a_normalisation_that_is_no_number():
    with pytest.raises(TypeError, match="Expected an int or a list/tuple of ints for the argument 'axis'"):
        layers.LayerNormalization(axis={"axis": -1})


def test_softmax_over_one_number_is_warned_of():
    with pytest.warns(UserWarning, match=r"softmax over axis -1 of a tensor of shape \(2, 1\)"):
        np.testing.assert_array_equal(ops.softmax(np.ones((2, 1), "float32")), [[1.0], [1.0]])


@pytest.mark.parametrize("kind", ["SoftLink", "ExternalLink"])
def test_links_in_files_are_refused_by_kind(kind, tmp_path):
    link = h5py.SoftLink("/real") if kind == "SoftLink" else h5py.ExternalLink("other.h5", "/real")
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file.create_group("real")
        file["model_weights"] = link
    with pytest.raises(ValueError, match=kind):
        dense().load_weights(tmp_path / "m.h5")
