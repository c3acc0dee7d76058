"""The whole networks that are compared, and their description for libraries that cannot read Keras files.

`write(name, folder)` makes a network with convcore, gives its weights values and writes `model.keras` (for
Keras) and `steps.json` with `steps.npz` (a list of operations in channels_first terms, for PyTorch and ONNX).
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

# name -> (shape of one image, number of classes)
NETWORKS = {
    "mnist_convnet": ((28, 28, 1), 10),
    "resnet50": ((224, 224, 3), 1000),
    "mobilenet_v2": ((224, 224, 3), 1000),
    "vgg16": ((224, 224, 3), 1000),
    "resnet20": ((32, 32, 3), 10),
    "mobilenet_v2_96": ((96, 96, 3), 10),
}


def build(name: str):
    """The convcore model of that name."""
    import convcore as cc

    shape, classes = NETWORKS[name]
    made = cc.applications
    if name == "mnist_convnet":
        return mnist_convnet(cc, shape, classes)
    if name == "resnet20":
        return made.ResNet20(input_shape=shape, classes=classes)
    function = {"resnet50": made.ResNet50, "vgg16": made.VGG16}.get(name, made.MobileNetV2)
    return function(weights=None, input_shape=shape, classes=classes)


def mnist_convnet(cc, shape, classes):
    """The convnet of Keras's first example, as a functional model."""
    x = inputs = cc.Input(shape)
    for filters in (32, 64):
        x = cc.layers.Conv2D(filters, 3, activation="relu")(x)
        x = cc.layers.MaxPooling2D(2)(x)
    x = cc.layers.Dropout(0.5)(cc.layers.Flatten()(x))
    return cc.Model(inputs, cc.layers.Dense(classes, activation="softmax")(x))


def write(name: str, folder: str | Path) -> None:
    """Writes the network to `folder`, with a sample and its output."""
    model = build(name)
    rng = np.random.default_rng(0)
    for weight in model.weights:
        if weight.path.endswith(("gamma", "moving_variance")):
            weight.assign(rng.uniform(0.5, 1.5, weight.shape).astype("float32"))
        elif weight.path.endswith(("beta", "bias", "moving_mean")):
            weight.assign(rng.normal(0, 0.1, weight.shape).astype("float32"))
    folder = Path(folder)
    model.save(folder / "model.keras")
    steps, arrays = describe(model)
    x = rng.standard_normal((2, *NETWORKS[name][0]), dtype=np.float32)
    arrays["sample"], arrays["expected"] = x, model.predict(x, verbose=0)
    (folder / "steps.json").write_text(json.dumps(steps))
    np.savez(folder / "steps.npz", **arrays)


def read(folder: str | Path) -> tuple[list[dict], dict[str, np.ndarray]]:
    """The steps and arrays that `write` wrote."""
    folder = Path(folder)
    with np.load(folder / "steps.npz") as file:
        arrays = {key: file[key] for key in file.files}
    return json.loads((folder / "steps.json").read_text()), arrays


def describe(model) -> tuple[list[dict], dict[str, np.ndarray]]:
    """The operations of a functional model, each {"kind", "name", "inputs", ...}, and their weights.

    Zero padding goes into the convolution or pooling that alone reads it, activations become steps.
    """
    steps: list[dict] = []
    arrays: dict[str, np.ndarray] = {}
    names: dict[str, str] = {}  # layer -> step that has its result
    paddings: dict[str, tuple] = {}
    for node in model.nodes:
        layer, before = node.operation, [x.keras_history.operation.name for x in node.input_tensors]
        kind = type(layer).__name__
        if kind == "InputLayer":
            names[layer.name] = "input"
            continue
        if kind == "ZeroPadding2D":
            names[layer.name], paddings[layer.name] = names[before[0]], layer.padding
            continue
        step = _STEPS[kind](layer, node, paddings.get(before[0]))
        step.update(name=layer.name, inputs=[names[name] for name in before])
        arrays.update({f"{layer.name}/{key}": value for key, value in step.pop("arrays", {}).items()})
        activation = step.pop("activation", None)
        steps.append(step)
        names[layer.name] = layer.name
        if activation not in (None, "linear"):
            names[layer.name] = f"{layer.name}/{activation}"
            steps.append({"kind": activation, "name": names[layer.name], "inputs": [layer.name]})
    return [step for step in steps if step["kind"] != "identity"], arrays


def _activation(layer):
    import convcore as cc

    return cc.activations.serialize(layer.activation)


def _pads(layer, node, padded, kernel, strides):
    """((before, after), ...) of the rows and columns."""
    if padded is not None:
        return [list(pair) for pair in padded]
    if layer.padding == "valid":
        return [[0, 0], [0, 0]]
    sizes = node.input_tensors[0].shape[1:3]
    totals = [max(0, (-(-n // s) - 1) * s + k - n) for n, k, s in zip(sizes, kernel, strides, strict=True)]
    return [[total // 2, total - total // 2] for total in totals]


def _convolution(layer, node, padded):
    depthwise = type(layer).__name__ == "DepthwiseConv2D"
    kernel = np.asarray(layer.kernel)
    order = (2, 3, 0, 1) if depthwise else (3, 2, 0, 1)
    w = np.ascontiguousarray(kernel.transpose(order))
    groups = w.shape[0] if depthwise else layer.groups
    w = w.reshape(-1, 1, *w.shape[2:]) if depthwise else w
    arrays = {"w": w} | ({"b": np.asarray(layer.bias)} if layer.use_bias else {})
    strides = list(layer.strides)
    pads = _pads(layer, node, padded, kernel.shape[:2], strides)
    return {
        "kind": "conv",
        "strides": strides,
        "pads": pads,
        "groups": groups,
        "arrays": arrays,
        "activation": _activation(layer),
    }


def _norm(layer, node, padded):
    arrays = {
        "gamma": np.asarray(layer.gamma),
        "beta": np.asarray(layer.beta),
        "mean": np.asarray(layer.moving_mean),
        "variance": np.asarray(layer.moving_variance),
    }
    return {"kind": "norm", "epsilon": layer.epsilon, "momentum": layer.momentum, "arrays": arrays}


def _max_pool(layer, node, padded):
    size, strides = list(layer.pool_size), list(layer.strides)
    return {
        "kind": "max_pool",
        "size": size,
        "strides": strides,
        "pads": _pads(layer, node, padded, size, strides),
    }


def _dense(layer, node, padded):
    w = np.asarray(layer.kernel)
    before = node.input_tensors[0].keras_history.operation
    while type(before).__name__ == "Dropout":
        before = before.input.keras_history.operation
    if type(before).__name__ == "Flatten":
        h, width, c = before.input.shape[1:]
        w = w.reshape(h, width, c, -1).transpose(2, 0, 1, 3).reshape(w.shape)
    arrays = {"w": np.ascontiguousarray(w), "b": np.asarray(layer.bias)}
    return {"kind": "dense", "arrays": arrays, "activation": _activation(layer)}


def _pad_channels(layer, node, padded):
    return {"kind": "pad_channels", "edges": list(layer.get_config()["pad_width"][-1])}


def _relu(layer, node, padded):
    return {"kind": "relu6" if layer.max_value else "relu"}


_STEPS = {
    "Conv2D": _convolution,
    "DepthwiseConv2D": _convolution,
    "BatchNormalization": _norm,
    "MaxPooling2D": _max_pool,
    "Dense": _dense,
    "Pad": _pad_channels,
    "ReLU": _relu,
    "Activation": lambda layer, node, padded: {"kind": _activation(layer)},
    "Add": lambda layer, node, padded: {"kind": "add"},
    "Dropout": lambda layer, node, padded: {"kind": "dropout", "rate": layer.rate},
    "Flatten": lambda layer, node, padded: {"kind": "flatten"},
    "GlobalAveragePooling2D": lambda layer, node, padded: {"kind": "global_average"},
}
