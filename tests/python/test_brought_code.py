"""Code that users bring from Keras: subclasses of layers, functions of ops in files, export of models that
were only called.
"""

import convcore
import numpy as np
import pytest
from convcore import layers, ops
from convcore.saving import ExportedModel
from oracle import keras

RNG = np.random.default_rng(11)
X = RNG.normal(size=(2, 9, 9, 4)).astype("float32")


def standardised_conv(library):
    class Standardised(library.layers.Conv2D):
        def __init__(self, *args, epsilon=1e-3, **kwargs):
            super().__init__(*args, **kwargs)
            self.epsilon = epsilon

        def call(self, x):
            kernel = self.kernel - library.ops.mean(self.kernel, axis=(0, 1, 2), keepdims=True)
            kernel = kernel / library.ops.sqrt(library.ops.var(self.kernel, axis=(0, 1, 2)) + self.epsilon)
            return self.activation(self.convolution_op(x, kernel) + self.bias)

    return Standardised


def test_a_subclass_convolves_with_a_kernel_of_its_own():
    settings = {"strides": 2, "padding": "same", "groups": 2, "activation": "silu"}
    ours, theirs = (standardised_conv(library)(6, 3, **settings) for library in (convcore, keras))
    theirs.build(X.shape)
    weights = [RNG.normal(size=w.shape).astype("float32") for w in theirs.weights]
    ours.build(X.shape)
    for layer in (ours, theirs):
        layer.set_weights(weights)
    np.testing.assert_allclose(ours(X), np.asarray(theirs(X)), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_an_overridden_convolution_is_used(data_format):
    class Doubled(layers.Conv2D):
        def convolution_op(self, inputs, kernel):
            return 2.0 * super().convolution_op(inputs, kernel)

    plain, doubled = (
        cls(4, 3, activation="relu", data_format=data_format) for cls in (layers.Conv2D, Doubled)
    )
    plain.build(X.shape)
    doubled.build(X.shape)
    kernel, bias = RNG.normal(size=plain.kernel.shape), RNG.normal(size=4)
    plain.set_weights([2 * kernel, bias])
    doubled.set_weights([kernel, bias])
    np.testing.assert_allclose(doubled(X), plain(X), rtol=1e-5, atol=1e-5)


def test_configs_of_subclasses_hold_what_the_library_class_takes():
    class Added(layers.Conv2D):
        def __init__(self, filters, kernel_size, extra=1, **kwargs):
            super().__init__(filters, kernel_size, **kwargs)
            self.extra = extra

        def get_config(self):
            return {**super().get_config(), "extra": self.extra}

    again = Added.from_config(Added(6, 3, extra=5, groups=2, kernel_regularizer="l2").get_config())
    assert (again.filters, again.kernel_size, again.groups, again.extra) == (6, (3, 3), 2, 5)
    assert again.kernel_regularizer is not None
    plain = layers.Conv2D(6, 3).get_config()
    assert set(Added(6, 3).get_config()) == {*plain, "extra"}

    config = standardised_conv(convcore)(6, 3, padding="same").get_config()
    again = standardised_conv(convcore).from_config(config)
    assert (again.filters, again.kernel_size, again.padding, again.epsilon) == (6, (3, 3), "same", 1e-3)


def functions_of_ops(library):
    """Names that layers have too (Add, Multiply), slices, and pooling without a data format."""
    inputs = library.Input((8, 8, 4))
    x = library.layers.Conv2D(4, 3, padding="same", name="conv")(inputs)
    x = library.ops.relu(x[:, :, 1:7] * inputs[:, :, 1:7] + 0.5)
    x = library.ops.concatenate(library.ops.split(library.ops.max_pool(x, 2, 2), 2, axis=-1)[::-1], axis=-1)
    return library.Model(inputs, library.ops.squeeze(library.ops.mean(x, axis=(1, 2), keepdims=True), 1))


@pytest.mark.filterwarnings("ignore:.*HDF5 layout.*")
def test_functions_of_ops_in_files_of_keras(tmp_path):
    theirs = functions_of_ops(keras)
    expected = np.asarray(theirs(X[:, :8, :8]))
    for name in ("m.keras", "m.h5"):  # Keras cannot read the second itself
        theirs.save(tmp_path / name)
        loaded = convcore.models.load_model(tmp_path / name, compile=False)
        np.testing.assert_allclose(loaded.predict(X[:, :8, :8]), expected, rtol=1e-5, atol=1e-6)
    ours = functions_of_ops(convcore)
    ours.set_weights(theirs.get_weights())
    ours.save(tmp_path / "back.keras")
    back = keras.models.load_model(tmp_path / "back.keras")
    np.testing.assert_allclose(np.asarray(back(X[:, :8, :8])), expected, rtol=1e-5, atol=1e-6)


class Repeated(layers.Layer):
    """A layer whose code computes with the size of the batch."""

    def call(self, x):
        return x + ops.zeros((ops.shape(x)[0], *x.shape[1:]))


class Called(convcore.Model):
    def __init__(self, *parts):
        super().__init__()
        self.parts = list(parts)

    def call(self, x):
        for part in self.parts:
            x = part(x)
        return x


def test_export_and_memory_of_a_model_that_was_only_called(tmp_path):
    model = Called(layers.Conv2D(3, 3), layers.Flatten(), layers.Dense(2))
    with pytest.raises(ValueError, match="known inputs"):
        model.export(tmp_path / "m.convcore")
    expected = model(X)
    model.export(tmp_path / "m.convcore")
    np.testing.assert_array_equal(ExportedModel(tmp_path / "m.convcore").predict(X), expected)
    model.compile("sgd", "mse")
    planned = model.memory(2)
    assert planned["predict"]["inputs"] == X.nbytes
    assert planned["predict"]["outputs"] == expected.nbytes
    assert planned["fit"]["variables"] > planned["predict"]["variables"]


def test_sizes_that_the_code_of_a_layer_needs(tmp_path):
    model = convcore.Sequential([layers.Input((9, 9, 4)), layers.Conv2D(3, 3), Repeated()])
    assert model.memory(5)["predict"]["inputs"] == 5 * 9 * 9 * 4 * 4
    path = tmp_path / "m.convcore"
    with pytest.raises(ValueError, match=r"free sizes .*\(None, 9, 9, 4\).*input_signature"):
        model.export(path)
    model.export(path, input_signature=[convcore.InputSpec(shape=(2, 9, 9, 4))])
    exported = ExportedModel(path)
    np.testing.assert_array_equal(exported.predict(X), model.predict(X))
    exported.verify()
    with pytest.raises(ValueError, match="InputSpec with a shape"):
        model.export(path, input_signature=convcore.InputSpec(ndim=4))


def test_several_outputs_are_listed_as_keras_lists_them(capsys):
    shown = []
    for library in (keras, convcore):
        library.backend.clear_session()
        inputs = library.Input((4,))
        inner = library.Model(inputs, (inputs * 2.0, inputs + 1.0), name="pair")
        library.Model(inputs, inner(inputs)[0], name="outer").summary(line_length=90)
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1]
