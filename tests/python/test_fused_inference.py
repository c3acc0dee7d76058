"""What prediction becomes after the passes: normalisation, sums and activations inside convolutions."""

import numpy as np
import pytest
from convcore import Input, Model, applications, explain, layers


def residual_block(data_format="channels_last"):
    channels = {"data_format": data_format, "padding": "same", "use_bias": False}
    axis = -1 if data_format == "channels_last" else 1
    inputs = Input((9, 8, 6) if axis == -1 else (6, 9, 8))
    x = layers.Conv2D(6, 3, **channels)(inputs)
    x = layers.BatchNormalization(axis=axis)(x)
    x = layers.ReLU(max_value=6)(x)
    x = layers.Conv2D(6, 1, **channels)(x)
    x = layers.BatchNormalization(axis=axis, scale=False)(x)
    x = layers.Activation("silu")(layers.Add()([inputs, x]))
    x = layers.Dense(5)(layers.Flatten()(x))
    model = Model(inputs, layers.Activation("tanh")(layers.BatchNormalization()(x)))
    r = np.random.default_rng(3)
    for weight in model.weights:
        weight.assign(r.uniform(0.3, 1.2, weight.shape) * (1 if "variance" in weight.path else 0.7))
    return model, r.normal(size=(7, *model.inputs[0].shape[1:])).astype("float32")


def by_layers(model, x):
    """The same with every layer run on its own."""
    values = {id(model.inputs[0]): x}
    for layer in model.layers[1:]:
        given = layer.input
        arguments = [values[id(v)] for v in given] if isinstance(given, list) else values[id(given)]
        values[id(layer.output)] = np.asarray(layer(arguments))
    return values[id(model.outputs[0])]


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_normalisation_sum_and_activation_go_into_the_convolution(data_format):
    model, x = residual_block(data_format)
    np.testing.assert_allclose(model.predict(x, verbose=0), by_layers(model, x), rtol=2e-5, atol=2e-5)
    rows = [line for line in explain(model, x.shape).splitlines() if "when variables change" not in line]
    ops = [line.split()[1] for line in rows[1:-1]]
    # channels_first: the sum with the model's own input stays in that layout
    late = ["transpose", "fused_elementwise"] if data_format == "channels_first" else []
    assert ops == [*late[:1], "conv", "conv", *late, "dense"], rows


def test_folded_weights_follow_training():
    model, x = residual_block()
    model.compile("sgd", "mse")
    model.predict(x, verbose=0)
    y = np.zeros((7, 5), "float32")
    for _ in range(2):
        model.train_on_batch(x, y)
        np.testing.assert_allclose(model.predict(x, verbose=0), by_layers(model, x), rtol=2e-4, atol=2e-5)
    model.layers[2].moving_variance.assign(np.full(6, 2.0))
    np.testing.assert_allclose(model.predict(x, verbose=0), by_layers(model, x), rtol=2e-4, atol=2e-5)


def test_one_image_is_predicted_as_in_a_batch():
    model, x = residual_block()
    together = model.predict(x, verbose=0)
    for i in range(len(x)):
        np.testing.assert_array_equal(model.predict(x[i : i + 1], verbose=0)[0], together[i])


@pytest.mark.parametrize("batch", [1, 32])
@pytest.mark.parametrize(
    ("name", "convolutions", "others"),
    [
        ("ResNet50", 53, ["max_pool", "mean", "dense", "softmax"]),
        ("MobileNetV2", 52, ["mean", "dense", "softmax"]),
    ],
)
def test_whole_networks_are_convolutions_and_a_head(name, convolutions, others, batch):
    model = getattr(applications, name)(weights=None)
    text = model.explain((batch, 224, 224, 3))
    rows = [line for line in text.splitlines()[1:-1] if "when variables change" not in line]
    ops = [line.split()[1] for line in rows if line[:1].strip()]
    assert ops.count("conv") == convolutions
    assert sorted(op for op in ops if op != "conv") == sorted(others)
