"""What an application is made of, as a short text that two libraries can be compared by."""

import contextlib
import hashlib
import json

import numpy as np

# name -> the arguments of further forms that are compared, beside the default one
TOPLESS = [{"include_top": False, "pooling": "avg"}, {"include_top": False, "input_shape": (96, 96, 3)}]
VARIANTS = {
    "MobileNet": [*TOPLESS, {"alpha": 0.25, "input_shape": (128, 128, 3)}],
    "MobileNetV2": [*TOPLESS, {"alpha": 1.4}, {"alpha": 0.35, "input_shape": (96, 96, 3)}],
    "MobileNetV3Small": [*TOPLESS, {"minimalistic": True}, {"include_preprocessing": False}],
    "MobileNetV3Large": [{"alpha": 1.25}, {"include_top": False, "pooling": "max"}],
    "ResNet50": [*TOPLESS, {"include_top": False, "pooling": "max"}],
    "ConvNeXtTiny": [*TOPLESS, {"include_preprocessing": False}],
    "EfficientNetV2B0": [*TOPLESS, {"include_preprocessing": False}],
    **dict.fromkeys(
        [
            *("VGG16", "ResNet50V2", "DenseNet121", "Xception", "InceptionV3", "InceptionResNetV2"),
            *("NASNetMobile", "EfficientNetB0"),
        ],
        TOPLESS,
    ),
}
# the networks that take more than a moment to make
LARGE = (
    *(
        "VGG16",
        "VGG19",
        "ResNet152",
        "ResNet152V2",
        "ResNet101",
        "ResNet101V2",
        "InceptionResNetV2",
        "NASNetLarge",
    ),
    *("EfficientNetB5", "EfficientNetB6", "EfficientNetB7", "EfficientNetV2M", "EfficientNetV2L"),
    *("ConvNeXtSmall", "ConvNeXtBase", "ConvNeXtLarge", "ConvNeXtXLarge", "DenseNet201", "EfficientNetB4"),
    *("EfficientNetV2S", "DenseNet169", "EfficientNetB2", "EfficientNetB3", "EfficientNetV2B3"),
)


def key(arguments):
    """The name of one form in the table of digests."""
    return ", ".join(f"{name}={value!r}" for name, value in arguments.items()) or "default"


def structure(model):
    """The whole configuration of a model, and the path and shape of every weight, in order."""
    config = json.loads(model.to_json())
    _drop_shared_ids(config)
    return {"config": config, "weights": [[w.path, list(w.shape)] for w in model.weights]}


def digest(model):
    """A hash of `structure`."""
    text = json.dumps(structure(model), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _drop_shared_ids(value):
    if isinstance(value, dict):
        value.pop("shared_object_id", None)
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _drop_shared_ids(item)


def differences(theirs, ours, where=""):
    """Lines that say where two structures differ."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        pairs = [(k, theirs.get(k, "missing"), ours.get(k, "missing")) for k in sorted({*theirs, *ours})]
    elif isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        names = [x.get("name", i) if isinstance(x, dict) else i for i, x in enumerate(theirs)]
        pairs = list(zip(names, theirs, ours, strict=True))
    else:
        return [] if theirs == ours else [f"{where}: Keras {theirs!r:.150}, here {ours!r:.150}"]
    return [line for name, a, b in pairs for line in differences(a, b, f"{where}/{name}")]


def randomise(model, seed=0):
    """Gives every weight of a Keras model values with which no layer passes its input through."""
    rng = np.random.default_rng(seed)
    depthwise = _depthwise_kernels(model)
    for weight in model.weights:
        shape, name = tuple(weight.shape), weight.path.rsplit("/", 1)[-1]
        if name in ("moving_variance", "variance", "gamma"):
            value = rng.uniform(0.5, 1.5, shape)
        elif name in ("beta", "bias", "moving_mean", "mean"):
            value = rng.normal(0, 0.1, shape)
        elif "kernel" in name:
            inputs = np.prod(shape[:-2] if weight.path in depthwise else shape[:-1])
            value = rng.standard_normal(shape, np.float32) * np.sqrt(2 / inputs)
        else:
            continue
        weight.assign(value)
    finish(model)


def finish(model):
    """Lets layers take up weights that were assigned one by one: on JAX, Keras's Normalization computes with
    copies, which loading a file renews.
    """
    for layer in model._flatten_layers(include_self=False):
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()


def settle(model, x):
    """Gives batch normalisations the statistics of these inputs, as training would: outputs of all layers are
    then of about one size.
    """
    layers = model._flatten_layers(include_self=False)
    normalisations = [layer for layer in layers if type(layer).__name__ == "BatchNormalization"]
    dropouts = [layer for layer in layers if type(layer).__name__ == "Dropout"]
    rates, momenta = [layer.rate for layer in dropouts], [layer.momentum for layer in normalisations]
    for layer in dropouts:
        layer.rate = 0.0
    for layer in normalisations:
        layer.momentum = 0.0
    model(x, training=True)
    for layer, rate in zip(dropouts, rates, strict=True):
        layer.rate = rate
    for layer, momentum in zip(normalisations, momenta, strict=True):
        layer.momentum = momentum


def _depthwise_kernels(model):
    """Paths of the kernels whose filters see one channel each."""
    found = set()
    for layer in model._flatten_layers(include_self=False):
        if type(layer).__name__.startswith("DepthwiseConv"):
            found.add(layer.kernel.path)
        elif type(layer).__name__.startswith("SeparableConv"):
            found.add(layer.depthwise_kernel.path)
    return found


@contextlib.contextmanager
def without_random_numbers(keras):
    """Within the block Keras's initializers return zeros: quick, where only names and shapes are wanted."""
    classes = [getattr(keras.initializers, name) for name in ("VarianceScaling", "RandomUniform")]
    before = [cls.__call__ for cls in classes]
    for cls in classes:
        cls.__call__ = lambda self, shape, dtype=None, **_: np.zeros(shape, dtype or "float32")
    try:
        yield
    finally:
        for cls, call in zip(classes, before, strict=True):
            cls.__call__ = call
