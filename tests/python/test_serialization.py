"""Names, configs and values in files: what is registered, custom objects, plain values, old arguments."""

import json

import convcore
import numpy as np
import pytest
from convcore import layers, saving
from convcore.saving import ModelFormatError
from models_to_save import Blocks


def test_registered_classes_are_found_by_their_full_name():
    assert saving.get_registered_name(Blocks) == "tests>Blocks"
    assert saving.get_registered_object("tests>Blocks") is Blocks
    envelope = saving.serialize_keras_object(Blocks(name="b"))
    assert (envelope["module"], envelope["registered_name"]) == (None, "tests>Blocks")
    assert type(saving.deserialize_keras_object(envelope)) is Blocks


def test_custom_objects_are_known_only_inside_their_scope():
    class Twice(layers.Layer):
        def call(self, x):
            return 2.0 * x

    envelope = saving.serialize_keras_object(Twice(name="t"))
    with pytest.raises(ModelFormatError, match="Twice"):
        saving.deserialize_keras_object(envelope)
    assert saving.deserialize_keras_object(envelope, custom_objects={"Twice": Twice}).name == "t"
    with saving.custom_object_scope({"Twice": Twice}):
        assert type(saving.deserialize_keras_object(envelope)) is Twice
    assert "Twice" not in saving.get_custom_objects()


def test_a_custom_layer_and_function_come_back(tmp_path):
    @saving.register_keras_serializable(package="tests")
    class Scale(layers.Layer):
        def __init__(self, factor, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def build(self, input_shape):
            self.offset = self.add_weight((input_shape[-1],), "ones", name="offset")

        def call(self, x):
            return self.factor * x + self.offset

    @saving.register_keras_serializable(package="tests")
    def cube(x):
        return x * x * x

    model = convcore.Sequential([convcore.Input((3,)), Scale(2.0), layers.Dense(2, activation=cube)])
    model.save(tmp_path / "m.keras")
    loaded = saving.load_model(tmp_path / "m.keras")
    x = np.linspace(-1, 1, 6, dtype="float32").reshape(2, 3)
    np.testing.assert_array_equal(loaded.predict(x), model.predict(x))
    assert loaded.layers[0].factor == 2.0


@pytest.mark.parametrize(
    "value",
    [None, True, 3, 0.5, "text", [1, [2, None]], {"a": {"b": 1}}, slice(1, None, 2), Ellipsis, b"bytes"],
)
def test_plain_values_survive_json(value):
    text = json.dumps(saving.serialize_keras_object(value))
    assert saving.deserialize_keras_object(json.loads(text)) == value


def test_arrays_survive_json():
    array = np.arange(6, dtype="float32").reshape(2, 3)
    text = json.dumps(saving.serialize_keras_object(array))
    back = saving.deserialize_keras_object(json.loads(text))
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)


def test_own_layers_are_not_passed_off_as_keras_ones():
    envelope = saving.serialize_keras_object(layers.L2Pooling2D(2))
    assert (envelope["module"], envelope["registered_name"]) == ("convcore.layers", "convcore>L2Pooling2D")
    assert type(saving.deserialize_keras_object(envelope)) is layers.L2Pooling2D


def test_old_and_newer_arguments():
    old = {
        "class_name": "InputLayer",
        "config": {"batch_input_shape": [None, 4], "dtype": "float32", "name": "i"},
    }
    assert saving.deserialize_keras_object(old).output.shape == (None, 4)
    axis = {"class_name": "BatchNormalization", "config": {"axis": [3], "name": "b"}}
    assert saving.deserialize_keras_object(axis).axis == 3
    null = {"class_name": "Dense", "config": {"units": 2, "from_the_future": None}}
    with pytest.warns(UserWarning, match="from_the_future"):
        assert saving.deserialize_keras_object(null).units == 2
    with pytest.raises(ModelFormatError, match="Dense.*from_the_future=7"):
        saving.deserialize_keras_object({"class_name": "Dense", "config": {"units": 2, "from_the_future": 7}})


def test_functional_models_keep_their_registered_class(tmp_path):
    @saving.register_keras_serializable(package="kept")
    class Kept(convcore.Model):
        def __init__(self, units):
            inputs = convcore.Input((2,))
            super().__init__(inputs, layers.Dense(units)(inputs))
            self.units = units

        def get_config(self):
            return {"units": self.units}

        def compile(self, own):
            super().compile(own, "mse")

    model = Kept(3)
    model.compile("sgd")
    model.save(tmp_path / "kept.keras")
    with pytest.warns(UserWarning, match="`compile\\(\\)` method is custom"):
        loaded = saving.load_model(tmp_path / "kept.keras")
    assert isinstance(loaded, Kept) and not loaded.compiled
    np.testing.assert_array_equal(loaded.get_weights()[0], model.get_weights()[0])


def test_functions_by_the_names_of_keras_3_6():
    @saving.register_keras_serializable(package="three_six")
    def squared_three_six(x):
        return x * x

    envelope = {"module": "builtins", "class_name": "function", "config": "squared_three_six"}
    envelope["registered_name"] = "function"
    assert saving.deserialize_keras_object(envelope) is squared_three_six
