"""Applications have Keras's names, shapes, order and numbers."""

import json
from pathlib import Path

import applications_structure as structures
import convcore
import numpy as np
import pytest
from convcore import applications
from oracle import keras


@pytest.fixture(scope="module")
def small():
    """Keras's MobileNetV2 at its narrowest."""
    keras.backend.clear_session()
    with structures.without_random_numbers(keras):
        model = keras.applications.MobileNetV2(weights=None, alpha=0.35, input_shape=(32, 32, 3), classes=7)
    structures.randomise(model)
    return model


def test_structure_equals_keras(small):
    ours = applications.MobileNetV2(weights=None, alpha=0.35, input_shape=(32, 32, 3), classes=7)
    assert structures.differences(structures.structure(small), structures.structure(ours)) == []


GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "applications.json").read_text())
FORMS = [
    (name, form)
    for name in GOLDEN
    if name not in structures.LARGE
    for form in [{}, *structures.VARIANTS.get(name, [])]
]


@pytest.mark.parametrize(("name", "form"), FORMS, ids=lambda value: str(value))
def test_structure_equals_the_recorded_one(name, form):
    model = getattr(applications, name)(weights=None, **form)
    assert structures.digest(model) == GOLDEN[name][structures.key(form)]


def test_predictions_through_files_both_ways(small, tmp_path):
    # The first blocks only: most of the time is Keras compiling. compare_applications.py runs whole networks.
    small = keras.Model(small.input, small.get_layer("block_3_project_BN").output)
    x = np.random.default_rng(0).uniform(-1, 1, (2, 32, 32, 3)).astype("float32")
    want = small.predict(x, verbose=0)
    small.save(tmp_path / "there.keras")
    ours = convcore.models.load_model(tmp_path / "there.keras")
    np.testing.assert_allclose(ours.predict(x, verbose=0), want, rtol=0, atol=1e-4 * np.abs(want).max())
    ours.save(tmp_path / "here.keras")
    back = keras.models.load_model(tmp_path / "here.keras")
    for theirs, again in zip(small.get_weights(), back.get_weights(), strict=True):
        np.testing.assert_array_equal(theirs, again)


@pytest.mark.parametrize("module", ["vgg16", "resnet_v2", "densenet", "efficientnet"])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_preprocess_input_equals_keras(module, data_format, dtype):
    shape = (2, 4, 5, 3) if data_format == "channels_last" else (2, 3, 4, 5)
    x = np.random.default_rng(0).integers(0, 256, shape).astype(dtype)
    before = x.copy()
    ours = getattr(applications, module).preprocess_input(x, data_format)
    want = getattr(keras.applications, module).preprocess_input(x.copy(), data_format)
    np.testing.assert_allclose(ours, want, rtol=1e-6, atol=1e-5)
    np.testing.assert_array_equal(x, before)


def test_preprocess_input_of_a_symbolic_tensor():
    inputs = convcore.Input((4, 5, 3))
    model = convcore.Model(inputs, applications.vgg16.preprocess_input(inputs))
    x = np.random.default_rng(0).uniform(0, 255, (2, 4, 5, 3)).astype("float32")
    want = applications.vgg16.preprocess_input(x)
    np.testing.assert_allclose(model.predict(x, verbose=0), want, atol=1e-5)


def test_decode_predictions(tmp_path):
    names = {str(i): [f"n{i:08}", f"class_{i}"] for i in range(1000)}
    (tmp_path / "index.json").write_text(json.dumps(names))
    scores = np.zeros((1, 1000), "float32")
    scores[0, [7, 3]] = 0.7, 0.2
    decode = applications.imagenet_utils.decode_predictions
    (best,) = decode(scores, top=2, class_index=tmp_path / "index.json")
    assert [row[:2] for row in best] == [("n00000007", "class_7"), ("n00000003", "class_3")]
    with pytest.raises(ValueError, match="imagenet_class_index.json was not found"):
        decode(scores)
    with pytest.raises(ValueError, match=r"expected shape \(batch, 1000\)"):
        decode(np.zeros((1, 10)))


def test_weights_from_a_path(tmp_path):
    arguments = {"alpha": 0.25, "input_shape": (32, 32, 3), "classes": 3}
    model = applications.MobileNet(weights=None, **arguments)
    model.save_weights(tmp_path / "mine.weights.h5")
    again = applications.MobileNet(weights=tmp_path / "mine.weights.h5", **arguments)
    for a, b in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_missing_weights_are_named():
    with pytest.raises(ValueError, match="mobilenet_1_0_224_tf.h5 was not found.*Download https://"):
        applications.MobileNet()
    with pytest.raises(ValueError, match="path of an existing file"):
        applications.ResNet50(weights="nowhere.h5")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"weights": "imagenet", "classes": 10}, "expected classes=1000"),
        ({"input_shape": (16, 16, 3)}, "at least 32x32"),
        ({"input_shape": (None, None, 3)}, "without None"),
        ({"input_shape": (32, 32)}, "three integers"),
        ({"include_top": False, "pooling": "sum"}, "pooling"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        applications.VGG16(**{"weights": None, **arguments})


def test_built_on_a_tensor():
    inputs = convcore.Input((40, 40, 1))
    x = convcore.layers.Conv2D(3, 3)(inputs)
    model = applications.MobileNetV2(
        weights=None, include_top=False, alpha=0.35, input_tensor=x, input_shape=(38, 38, 3), pooling="max"
    )
    assert model.inputs[0] is inputs
    assert model.output_shape == (None, 1280)


def test_channels_first():
    convcore.config.set_image_data_format("channels_first")
    model = applications.MobileNetV2(weights=None, alpha=0.35, input_shape=(3, 32, 32), classes=5)
    assert model.predict(np.zeros((1, 3, 32, 32), "float32"), verbose=0).shape == (1, 5)


def test_networks_of_our_own():
    assert applications.LeNet().count_params() == 61706
    small = applications.ResNet20()
    convolutions = 9 * (3 * 16 + 6 * 16 * 16 + 16 * 32 + 5 * 32 * 32 + 32 * 64 + 5 * 64 * 64)
    norms, classifier = 2 * (7 * 16 + 6 * 32 + 6 * 64), 65 * 10
    assert sum(v.size for v in small.trainable_weights) == convolutions + norms + classifier
    unet = applications.UNet(input_shape=(None, None, 1), filters=4, depth=2)
    assert unet.predict(np.zeros((1, 16, 24, 1), "float32"), verbose=0).shape == (1, 16, 24, 1)
    with pytest.raises(ValueError, match="divisible by 16"):
        applications.UNet(input_shape=(20, 20, 3))
    with pytest.raises(ValueError, match="6n"):
        applications.CifarResNet(21)
