"""Copies of models: as they are, on other inputs, with other layers, with other calls."""

import convcore
import numpy as np
import pytest
from convcore import layers

X = np.ones((2, 5), "float32")


def ones(units, name):
    return layers.Dense(units, kernel_initializer="ones", name=name)


def functional():
    """5 ones -> 3 fives -> one fifteen."""
    inside = convcore.Input((5,))
    inner = convcore.Model(inside, ones(3, "deep")(inside), name="inner")
    inputs = convcore.Input((5,), name="in")
    return convcore.Model(inputs, ones(1, "out")(inner(inputs)), name="net")


def wider(layer):
    config = layer.get_config()
    if layer.name == "deep":
        config["units"] = 6
    return type(layer).from_config(config)


def test_layers_may_be_replaced_also_inside_of_models():
    model = functional()
    assert convcore.models.clone_model(model, clone_function=wider)(X)[0, 0] == 15
    changed = convcore.models.clone_model(model, clone_function=wider, recursive=True)
    assert changed(X)[0, 0] == 30
    assert [layer.name for layer in changed.layers] == ["in", "inner", "out"]
    assert model(X)[0, 0] == 15


def test_calls_may_be_replaced_and_layers_kept():
    model = functional()

    def doubled(layer, *args, **kwargs):
        return layer(*args, **kwargs) * 2.0

    changed = convcore.models.clone_model(model, clone_function=lambda layer: layer, call_function=doubled)
    assert changed(X)[0, 0] == 60
    assert changed.get_layer("out") is model.get_layer("out")


def test_shared_layers_stay_shared():
    a = convcore.Input((5,))
    dense = layers.Dense(5)
    model = convcore.Model(a, dense(dense(a)))
    copy = convcore.models.clone_model(model, clone_function=lambda layer: layers.Dense(5))
    assert len(copy.weights) == 2


@pytest.mark.parametrize(
    "make", [functional, lambda: convcore.Sequential([convcore.Input((5,)), ones(1, "d")])]
)
def test_copies_on_other_inputs(make):
    model = make()
    model.compile("sgd", "mse")
    inputs = convcore.Input((5,), batch_size=2, name="new")
    copy = convcore.models.clone_model(model, input_tensors=inputs)
    assert copy.input_shape == (2, 5) and copy.compiled
    np.testing.assert_array_equal(copy(X), model(X))


class Subclassed(convcore.Model):
    def call(self, x):
        return x


@pytest.mark.parametrize(
    "model, arguments, words",
    [
        (Subclassed, {"clone_function": lambda layer: layer}, "called in Python"),
        (lambda: convcore.Sequential([ones(1, "d")]), {"call_function": ones}, "functional model"),
        (functional, {"input_tensors": [X]}, "structure"),
        (lambda: convcore.Sequential([ones(1, "d")]), {"input_tensors": X}, "one symbolic tensor"),
    ],
)
def test_what_cannot_be_changed_is_refused(model, arguments, words):
    with pytest.raises(ValueError, match=words):
        convcore.models.clone_model(model(), **arguments)
