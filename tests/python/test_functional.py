"""Functional models: branches, sharing, nesting, order, structures, errors, configs equal to Keras's."""

import copy
import json
import pickle

import convcore
import numpy as np
import pytest
from convcore import layers, ops

rng = np.random.default_rng(1)
IMAGE = rng.normal(size=(2, 8, 8, 3)).astype("float32")
VECTOR = rng.normal(size=(2, 4)).astype("float32")


def build(k):
    """One model of many features, in Keras (k=keras) or here."""
    image, vector = k.Input((8, 8, 3), name="image"), k.Input((4,), name="vector")
    x = k.layers.Conv2D(4, 3, padding="same", activation="relu")(image)
    shared = k.layers.Conv2D(4, 1, name="shared")
    y = shared(x)
    x = k.ops.relu(k.ops.add(y, shared(y)) * 0.5)
    x = k.ops.concatenate([k.ops.mean(x, axis=[1, 2]), vector], axis=-1)
    x = k.layers.Dropout(0.5)(x, training=False)
    inside = k.Input((8,))
    inner = k.Model(inside, k.layers.Dense(3, name="deep")(inside), name="inner")
    stack = k.Sequential([k.Input((8,)), k.layers.Dense(3)], name="stack")
    return k.Model([image, vector], {"a": inner(x), "b": k.ops.reshape(stack(x), (-1, 3))}, name="net")


@pytest.fixture(scope="module")
def keras():
    return pytest.importorskip("keras")


def test_everything_agrees_with_keras(keras):
    keras.backend.clear_session()
    theirs, ours = build(keras), build(convcore)
    assert [layer.name for layer in ours.layers] == [layer.name for layer in theirs.layers]
    assert [w.path for w in ours.weights] == [w.path for w in theirs.weights]
    assert (ours.input_shape, ours.output_shape) == (theirs.input_shape, theirs.output_shape)
    ours.set_weights(theirs.get_weights())
    expected, received = theirs([IMAGE, VECTOR]), ours([IMAGE, VECTOR])
    for key in expected:
        np.testing.assert_allclose(received[key], np.asarray(expected[key]), rtol=1e-5, atol=1e-5)
    config = json.loads(json.dumps(convcore.saving.serialize_keras_object(ours.get_config())))
    assert config == json.loads(json.dumps(theirs.get_config()))
    made = convcore.Model.from_config(config)
    assert json.loads(json.dumps(convcore.saving.serialize_keras_object(made.get_config()))) == config
    made.set_weights(theirs.get_weights())
    again = made({"image": IMAGE, "vector": VECTOR})
    np.testing.assert_array_equal(again["a"], received["a"])


def test_one_and_several_inputs_and_outputs():
    a, b = convcore.Input((3,), name="a"), convcore.Input((3,), name="b")
    total = layers.Dense(1, kernel_initializer="ones")(a + b)
    model = convcore.Model(inputs=[a, b], outputs=[total, a * 2])
    x = np.ones((2, 3), "float32")
    first, second = model([x, x * 2])
    np.testing.assert_array_equal(first, np.full((2, 1), 9))
    np.testing.assert_array_equal(second, x * 2)
    np.testing.assert_array_equal(model({"b": x * 2, "a": x})[0], first)
    single = convcore.Model(a, a - 1)
    np.testing.assert_array_equal(single(x), x - 1)
    assert single.input_shape == single.output_shape == (None, 3)
    assert model.output_shape == [(None, 1), (None, 3)] and model.input_shape == [(None, 3)] * 2


def test_one_output_in_a_list():
    """Values come without the list, symbols in it, as in Keras; Keras 3.0 to 3.9 wrote one tensor so."""
    a = convcore.Input((3,))
    model = convcore.Model([a], [a * 2.0])
    x = np.ones((2, 3), "float32")
    for result in (model(x), model([x]), model.predict(x, verbose=0)):
        np.testing.assert_array_equal(result, x * 2)
    b = convcore.Input((3,))
    (y,) = model(b)
    np.testing.assert_array_equal(convcore.Model(b, y + 1.0)(x), x * 3)
    again = convcore.Model.from_config(model.get_config())
    np.testing.assert_array_equal(again(x), x * 2)
    model.compile("sgd", "mse")
    model.fit(x, [x], verbose=0)
    model.fit(x, x, verbose=0)


def test_operators_record_and_run():
    a = convcore.Input((4,))
    y = (2 - a) / 4 + a[:, ::-1] ** 2 - abs(-a)
    y = ops.where(y > 0, y, 0.0)
    x = rng.normal(size=(3, 4)).astype("float32")
    expected = np.maximum((2 - x) / 4 + x[:, ::-1] ** 2 - np.abs(x), 0)
    np.testing.assert_allclose(convcore.Model(a, y)(x), expected, rtol=1e-5, atol=1e-6)


def test_layers_are_shared_with_the_original():
    model = build(convcore)
    middle = model.get_layer("conv2d").output
    features = convcore.Model(model.inputs, middle)
    assert features.layers[-1] is model.get_layer("conv2d")
    np.testing.assert_allclose(
        features([IMAGE, VECTOR]), model.get_layer("conv2d")(IMAGE), rtol=1e-5, atol=1e-6
    )
    assert len(features.weights) == 2


def test_a_model_may_begin_in_the_middle():
    a = convcore.Input((3,))
    h = layers.Dense(4, name="h")(a)
    y = layers.Dense(2, name="y")(ops.relu(h))
    tail = convcore.Model(h, y)
    x = rng.normal(size=(2, 4)).astype("float32")
    assert tail.input_shape == (None, 4) and [w.shape for w in tail.weights] == [(4, 2), (2,)]
    dense = tail.get_layer("y")
    np.testing.assert_allclose(tail(x), dense(np.maximum(x, 0)), rtol=1e-6)


def test_very_deep_models():
    x = a = convcore.Input((1,))
    for _ in range(1500):
        x = x + 1.0
    model = convcore.Model(a, x)
    assert model(np.zeros((1, 1), "float32")) == 1500


def test_subclasses():
    class Net(convcore.Model):
        def __init__(self, units=2, **kwargs):
            super().__init__(**kwargs)
            self.units = units
            self.dense = layers.Dense(units)
            self.blocks = [layers.Dense(3)]

        def call(self, x):
            return self.dense(self.blocks[0](x))

    class Wrapped(convcore.Model):
        def __init__(self):
            a = convcore.Input((3,))
            super().__init__(inputs=a, outputs=layers.Dense(1)(a), name="wrapped")

    net = Net()
    assert net(np.ones((1, 4), "float32")).shape == (1, 2)
    assert [w.path for w in net.weights] == [
        "net/dense/kernel",
        "net/dense/bias",
        "net/dense_1/kernel",
        "net/dense_1/bias",
    ]
    assert Net.from_config(net.get_config()).units == 2
    wrapped = Wrapped()
    assert isinstance(wrapped, Wrapped) and wrapped.output_shape == (None, 1)
    assert wrapped(np.ones((2, 3), "float32")).shape == (2, 1)
    with pytest.raises(NotImplementedError, match="call"):
        convcore.Model()(np.ones((1, 1), "float32"))


def test_training_flag_reaches_the_layers():
    a = convcore.Input((100,))
    model = convcore.Model(a, layers.Dropout(0.5)(a))
    x = np.ones((4, 100), "float32")
    np.testing.assert_array_equal(model(x), x)
    assert (model(x, training=True) == 0).any()


def disconnected():
    a, b = convcore.Input((3,)), convcore.Input((3,), name="forgotten")
    return convcore.Model(a, a + b)


def duplicated():
    a = convcore.Input((3,))
    x = layers.Dense(3, name="same")(a)
    return convcore.Model(a, layers.Dense(3, name="same")(x))


@pytest.mark.parametrize(
    "make, words",
    [
        (disconnected, ["disconnected", "forgotten"]),
        (duplicated, ["unique", "'same' is used 2 times"]),
        (lambda: convcore.Model(IMAGE, IMAGE), ["KerasTensors"]),
        (
            lambda: convcore.Model(inputs=convcore.KerasTensor((1,)), outputs=convcore.Input((1,))),
            ["disconnected"],
        ),
        (lambda: build(convcore)([IMAGE]), ["net", "2 inputs", "received 1"]),
        (lambda: build(convcore)({"image": IMAGE}), ["net", "vector"]),
        (lambda: build(convcore)([IMAGE, VECTOR[:, :3]]), ["net", "vector", "(None, 4)", "(2, 3)"]),
    ],
)
def test_errors(make, words):
    with pytest.raises(ValueError) as caught:
        make()
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_configs_that_do_not_connect_are_refused():
    config = build(convcore).get_config()
    config["layers"][1]["inbound_nodes"][0]["args"][0]["config"]["keras_history"] = ["nobody", 0, 0]
    with pytest.raises(ValueError, match="nobody"):
        convcore.Model.from_config(config)


def test_json_and_cloning():
    model = build(convcore)
    for made in (convcore.models.model_from_json(model.to_json()), convcore.models.clone_model(model)):
        assert [layer.name for layer in made.layers] == [layer.name for layer in model.layers]
        assert made.count_params() == model.count_params()
        made.set_weights(model.get_weights())
        np.testing.assert_array_equal(made([IMAGE, VECTOR])["b"], model([IMAGE, VECTOR])["b"])


def test_function_is_an_operation():
    a = convcore.Input((3,))
    function = convcore.Function(a, [a * 2.0, ops.where(a > 0, a, 0.0)])
    x = np.array([[1, -2, 3]], "float32")
    doubled, positive = function(x)
    np.testing.assert_array_equal(doubled, x * 2)
    np.testing.assert_array_equal(positive, np.maximum(x, 0))
    b = convcore.Input((3,))
    outer = convcore.Model(b, function(b + 1.0)[0])
    np.testing.assert_array_equal(outer(x), (x + 1) * 2)


def test_outputs_may_repeat_and_may_be_inputs():
    a = convcore.Input((3,))
    y = ops.relu(a)
    x = np.array([[1, -2, 3]], "float32")
    first, second, third = convcore.Model(a, [y, a, y])(x)
    np.testing.assert_array_equal(first, third)
    np.testing.assert_array_equal(second, x)
    assert not np.shares_memory(first, third) and not np.shares_memory(second, x)


def test_pickling_and_deep_copies():
    model = convcore.Sequential(
        [convcore.Input((3,)), layers.Dense(2), layers.BatchNormalization()], name="net"
    )
    model.compile("sgd", "mse")
    x = rng.normal(size=(5, 3)).astype("float32")
    for made in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        np.testing.assert_array_equal(made(x), model(x))
        assert made.name == "net" and made.compiled and made.layers[0] is not model.layers[0]


def test_the_mode_of_a_call_wins_over_the_mode_of_a_node():
    inputs = convcore.Input((1000,))
    x = np.ones((1, 1000), "float32")
    always = convcore.Model(inputs, layers.Dropout(0.5)(inputs, training=True))
    np.testing.assert_array_equal(always.predict(x, verbose=0), x)
    assert (np.asarray(always(x)) == 0).any()
    never = convcore.Model(inputs, layers.Dropout(0.5)(inputs, training=False))
    assert (np.asarray(never(x, training=True)) == 0).any()
    again = convcore.Model.from_config(convcore.Model(inputs, layers.Dropout(0.5)(inputs)).get_config())
    assert (np.asarray(again(x, training=True)) == 0).any()


def test_optional_inputs():
    class AddIfThere(layers.Layer):
        def call(self, x, y=None):
            return x if y is None else x + y

    first, second = convcore.Input((2,), name="first"), convcore.Input((2,), name="second", optional=True)
    model = convcore.Model({"first": first, "second": second}, AddIfThere()(first, second))
    ones = np.ones((3, 2), "float32")
    np.testing.assert_array_equal(model({"first": ones, "second": ones}), 2 * ones)
    np.testing.assert_array_equal(model({"first": ones, "second": None}), ones)
    model.compile("sgd", "mse")
    assert model.evaluate({"first": ones, "second": None}, ones, verbose=0) == 0
    with pytest.raises(ValueError, match="'first' is not optional, but None"):
        model({"first": None, "second": ones})


def test_inputs_of_another_structure():
    a, b = convcore.Input((1,), name="a"), convcore.Input((1,), name="b")
    one, two = np.ones((1, 1), "float32"), np.full((1, 1), 2, "float32")
    in_order = convcore.Model({"a": a, "b": b}, a - b)
    with pytest.warns(UserWarning, match="structure of `inputs` doesn't match"):
        assert in_order([two, one]) == 1
    with pytest.raises(ValueError, match="structure of `inputs` doesn't match"):
        convcore.Model({"b": b, "a": a}, a - b)([two, one])  # which is which?
    nested = convcore.Model({"z": a, "more": {"y": b}}, a - b)
    assert nested({"z": two, "more": {"y": one}}) == 1
    assert nested({"a": two, "b": one}) == 1
    pair = convcore.Model((a, b), (b, a))
    assert isinstance(convcore.Model.from_config(pair.get_config())((one, two)), tuple)


def test_state_as_a_tree():
    inputs = convcore.Input((2,))
    model = convcore.Model(inputs, layers.Dense(1, name="head")(inputs))
    model.compile("adam", "mse")
    model.fit(np.ones((2, 2)), np.ones((2, 1)), verbose=0)
    state = model.get_state_tree()
    assert state["metrics_variables"]["loss"]["count"] == 2
    assert state["optimizer_variables"]["adam"]["iteration"] == 1
    assert "head_bias_momentum" in state["optimizer_variables"]["adam"]
    model.set_state_tree({"trainable_variables": {"head": {"bias": [3.0]}}})
    assert model.get_layer("head").bias.numpy() == 3
    assert state["trainable_variables"]["head"]["bias"] != 3
    with pytest.raises(ValueError, match="Unknown variable path 'tail/bias'"):
        model.set_state_tree({"trainable_variables": {"tail": {"bias": [3.0]}}})
    with pytest.raises(AttributeError, match="`Model.layers` attribute is reserved"):
        model.layers = []


def test_the_size_of_the_batch_is_free():
    inputs = convcore.Input((2,), batch_size=3)
    model = convcore.Model(inputs, layers.Dense(1, kernel_initializer="ones")(inputs))
    assert model(np.ones((2, 2), "float32")).tolist() == [[2], [2]]


def test_containers_that_hold_themselves():
    class Cyclic(convcore.Model):
        def __init__(self):
            super().__init__()
            self.blocks = [layers.Dense(1)]
            self.blocks.append(self.blocks)

        def call(self, x):
            return self.blocks[0](x)

    model = Cyclic()
    model(np.ones((1, 2), "float32"))
    assert len(model.weights) == 2
