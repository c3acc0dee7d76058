"""Sequential: immediate and deferred building, add and pop, shapes, errors, configs equal to Keras's."""

import json

import convcore
import numpy as np
import pytest
from convcore import layers
from convcore.models.profile import profile_lines

X = np.random.default_rng(0).normal(size=(2, 6, 6, 3)).astype("float32")


def small():
    return convcore.Sequential(
        [
            convcore.Input((6, 6, 3)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(2),
        ],
        name="net",
    )


def test_built_at_once_with_an_input():
    model = small()
    assert model.built and model.input_shape == (None, 6, 6, 3) and model.output_shape == (None, 2)
    assert [w.path for w in model.weights] == [
        "net/conv2d/kernel",
        "net/conv2d/bias",
        "net/dense/kernel",
        "net/dense/bias",
    ]
    assert [layer.name for layer in model.layers] == ["conv2d", "flatten", "dense"]
    assert model.inputs[0].shape == (None, 6, 6, 3) and model.outputs[0] is model.output


def test_value_is_that_of_the_layers_in_turn():
    model = small()
    y = X
    for layer in model.layers:
        y = layer(y)
    np.testing.assert_allclose(model(X), y, rtol=1e-6)


def test_deferred_build():
    model = convcore.Sequential([layers.Dense(3), layers.Dense(2)])
    assert not model.built and model.weights == []
    with pytest.raises(AttributeError, match="not built"):
        _ = model.output_shape
    with pytest.raises(ValueError, match="Build it first|no weights"):
        model.count_params()
    model(np.ones((5, 4), "float32"))
    assert model.output_shape == (None, 2) and model.input_shape == (None, 4) and model.count_params() == 23
    by_hand = convcore.Sequential([layers.Dense(3)])
    by_hand.build((None, 4))
    assert by_hand.count_params() == 15


def test_add_and_pop():
    model = convcore.Sequential()
    model.add(layers.Dense(3, input_shape=(4,)))
    assert model.output_shape == (None, 3)
    model.add(layers.Dense(2))
    assert model.output_shape == (None, 2) and model.input_shape == (None, 4)
    x = np.ones((1, 4), "float32")
    assert model(x).shape == (1, 2)
    last = model.pop()
    assert isinstance(last, layers.Dense) and model.output_shape == (None, 3) and model(x).shape == (1, 3)
    assert convcore.Sequential([layers.Dense(3, input_dim=7)]).input_shape == (None, 7)


def test_nested_models_build_and_share():
    inner = convcore.Sequential([convcore.Input((4,)), layers.Dense(3)], name="inner")
    outer = convcore.Sequential([inner, layers.Dense(2)])
    assert outer.input_shape == (None, 4) and len(outer.weights) == 4
    assert outer.get_layer("inner") is inner and outer.get_layer(index=1).units == 2


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: convcore.Sequential([3]), ["instances of Layer", "3"]),
        (
            lambda: convcore.Sequential([layers.Dense(1, name="a"), layers.Dense(1, name="a")]),
            ["unique", "'a'"],
        ),
        (lambda: convcore.Sequential([layers.Dense(1), convcore.Input((2,))]), ["Input must come first"]),
        (lambda: convcore.Sequential().build((None, 2)), ["no layers"]),
        (lambda: convcore.Sequential().pop(), ["no layers"]),
        (lambda: small().get_layer("zz"), ["zz", "conv2d"]),
        (lambda: small().get_layer(), ["name", "index"]),
        (lambda: small()(np.ones((2, 7, 6, 3), "float32")), ["net", "(None, 6, 6, 3)", "(None, 7, 6, 3)"]),
        (lambda: small()(np.ones((6, 6, 3), "float32")), ["net", "batch axis is missing"]),
        (lambda: small()(np.ones((2, 3, 6, 6), "float32")), ["net", "channels-first"]),
    ],
)
def test_errors(make, words):
    with pytest.raises(ValueError) as caught:
        make()
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_a_missing_last_axis_of_one_is_added_and_other_dtypes_are_cast():
    model = convcore.Sequential([convcore.Input((6, 6, 1)), layers.Flatten(), layers.Dense(1)])
    images = np.arange(72, dtype="uint8").reshape(2, 6, 6)
    np.testing.assert_array_equal(model(images), model(images[..., None].astype("float32")))


def test_config_equals_keras_and_round_trips():
    import keras

    keras.backend.clear_session()
    theirs = keras.Sequential(
        [
            keras.Input((6, 6, 3)),
            keras.layers.Conv2D(4, 3, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(2),
        ],
        name="net",
    )
    model = small()
    ours = json.loads(json.dumps(convcore.saving.serialize_keras_object(model)))
    expected = json.loads(json.dumps(keras.saving.serialize_keras_object(theirs)))
    assert ours == expected
    copy = convcore.Sequential.from_config(model.get_config())
    assert copy.get_config() == model.get_config()
    copy.set_weights(theirs.get_weights())
    np.testing.assert_allclose(copy(X), np.asarray(theirs(X)), rtol=1e-5, atol=1e-5)


def test_explain_and_profile(capsys):
    model = small()
    text = convcore.explain(model)
    assert "net/conv2d" in text and "conv" in text and text in capsys.readouterr().out
    assert "reference: accepts too, after simd" in text
    rows = model.profile(X)
    assert any(row["scope"] == "net/dense" for row in rows) and "total" in capsys.readouterr().out


def test_profile_of_training_as_a_trace(tmp_path):
    model = small()
    model.compile("adam", "mse")
    before = [np.array(w) for w in model.get_weights()]
    rows = model.profile(
        X, np.zeros_like(model.predict(X, verbose=0)), repeats=2, trace=tmp_path / "step.json"
    )
    assert {"conv", "conv_backward_filter_bias"} <= {row["op"] for row in rows}
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    events = json.loads((tmp_path / "step.json").read_text())["traceEvents"]
    assert [event["cat"] for event in events] == [row["op"] for row in rows]
    ends = [event["ts"] + event["dur"] for event in events]
    np.testing.assert_allclose([event["ts"] for event in events[1:]], ends[:-1])
    np.testing.assert_allclose(ends[-1] / 1e3, sum(row["milliseconds"] for row in rows))
    with pytest.raises(ValueError, match="compile"):
        small().profile(X, np.zeros((len(X), 2), "float32"))


def test_profile_lines_count_operations_and_bytes_a_second():
    row = {"scope": "s", "op": "conv", "implementation": "simd", "output": "o", "milliseconds": 2.0}
    (_, line, _) = profile_lines([{**row, "operations": 4e6, "bytes": 6e6}], peak=8e9)
    assert line[4:] == ("2.0000", "100.0%", "2.00", "25.0%", "3.0")


def test_images_of_other_sizes_than_built_for():
    model = convcore.Sequential(
        [convcore.Input((6, 6, 3)), layers.Conv2D(4, 3), layers.GlobalMaxPooling2D(), layers.Dense(2)]
    )
    x = np.random.default_rng(1).normal(size=(2, 9, 7, 3)).astype("float32")
    expected = model.layers[2](model.layers[1](model.layers[0](x)))
    np.testing.assert_array_equal(model(x), expected)
    np.testing.assert_array_equal(model.predict(x, verbose=0), expected)
    model.compile("sgd", "mse")
    model.fit(x, np.zeros((2, 2), "float32"), verbose=0)
    assert model.input_shape == (None, 6, 6, 3)
    with pytest.raises(ValueError, match="batch axis is missing"):
        model(x[0])
    with pytest.raises(ValueError, match="look channels-first"):
        model(np.moveaxis(x, -1, 1))
    with pytest.raises(ValueError, match="dense"):
        small()(x)


def test_feature_maps():
    model = small()
    maps = model.feature_maps(X)
    assert list(maps) == [layer.name for layer in model.layers]
    np.testing.assert_array_equal(maps["conv2d"], model.layers[0](X))
    np.testing.assert_array_equal(maps["dense"], model(X))
    assert list(model.feature_maps(X, [model.layers[1], "conv2d"])) == ["flatten", "conv2d"]
    shared, tensor = layers.Dense(3, name="shared"), convcore.Input((3,))
    functional = convcore.Model({"x": tensor}, shared(shared(tensor)))
    maps = functional.feature_maps({"x": X[:, 0, 0]})
    np.testing.assert_allclose(maps["shared:1"], shared(maps["shared"]), rtol=1e-6)
    with pytest.raises(ValueError, match="received .'nothing'"):
        model.feature_maps(X, ["nothing"])
    with pytest.raises(ValueError, match="expected a Sequential model that is built"):
        convcore.Sequential([layers.Dense(2)]).feature_maps(X)


def test_inputs_in_a_dict():
    class Swap(layers.Layer):
        def call(self, x):
            return {"a": x["b"], "b": x["a"]}

    model = convcore.Sequential([Swap(), Swap(), layers.Lambda(lambda x: x["a"] - x["b"])])
    one = np.ones((2, 3), "float32")
    np.testing.assert_array_equal(model({"a": 3 * one, "b": one}), 2 * one)


def test_a_layer_that_only_knows_its_shape_when_it_runs():
    class Late(layers.Layer):
        def call(self, x):
            return x + 1.0

        def compute_output_spec(self, x):
            raise NotImplementedError

    model = convcore.Sequential([Late(), layers.Dense(2, kernel_initializer="ones")])
    np.testing.assert_array_equal(model(np.zeros((1, 3), "float32")), [[3, 3]])
    assert len(model.weights) == 2 and len(model.layers) == 2


def test_a_known_input_stays():
    model = convcore.Sequential([convcore.Input((2,)), layers.Dense(1)])
    model.build((5, 2))
    with pytest.raises(ValueError, match="already been configured"):
        model.build((None, 3))

    class Two(layers.Layer):
        def call(self, x, y):
            return x + y

    with pytest.raises(ValueError, match="single positional argument"):
        convcore.Sequential([Two()]).build((None, 2))
