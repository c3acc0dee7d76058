"""DenseNet121, 169 and 201: every layer reads what all before it in its block made."""

from typing import Any

from .. import layers
from ..models import Model
from .frame import Frame, application, channel_axis, channels
from .imagenet_utils import decode_predictions as decode_predictions
from .imagenet_utils import preprocessing
from .resnet import norm, norm_relu

_GROWTH = 32
_DEPTHS = {121: (6, 12, 24, 16), 169: (6, 12, 32, 32), 201: (6, 12, 48, 32)}

preprocess_input = preprocessing("torch")


def _convolution(x: Any, filters: int, kernel: int, name: str) -> Any:
    padding = "same" if kernel > 1 else "valid"
    return layers.Conv2D(filters, kernel, padding=padding, use_bias=False, name=name)(x)


def dense_layer(x: Any, name: str) -> Any:
    """Norm, relu, 1x1; norm, relu, 3x3; the result is appended to what came in."""
    y = _convolution(norm_relu(x, f"{name}_0"), 4 * _GROWTH, 1, f"{name}_1_conv")
    y = _convolution(norm_relu(y, f"{name}_1"), _GROWTH, 3, f"{name}_2_conv")
    return layers.Concatenate(axis=channel_axis(), name=f"{name}_concat")([x, y])


def transition(x: Any, name: str) -> Any:
    """Half as many channels, half as many rows and columns."""
    y = _convolution(norm_relu(x, name), channels(x) // 2, 1, f"{name}_conv")
    return layers.AveragePooling2D(2, strides=2, name=f"{name}_pool")(y)


def densenet(frame: Frame, depths: tuple[int, ...]) -> Model:
    """A dense network; `depths` is the number of layers in each of four blocks."""
    inputs = frame.input(default_size=224, smallest=32)
    x = layers.ZeroPadding2D(3)(inputs)
    x = layers.Conv2D(64, 7, strides=2, use_bias=False, name="conv1_conv")(x)
    x = norm_relu(x, "conv1")
    x = layers.ZeroPadding2D(1)(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1")(x)
    for block, depth in enumerate(depths, 2):
        for i in range(1, depth + 1):
            x = dense_layer(x, f"conv{block}_block{i}")
        if block < 5:
            x = transition(x, f"pool{block}")
    x = layers.Activation("relu", name="relu")(norm(x, "bn"))
    return frame.model(inputs, frame.classifier(x))


def _made(depth: int) -> Any:
    about = f"DenseNet{depth}: densely connected blocks (Huang et al., 2017, arXiv:1608.06993)."
    return application(
        f"DenseNet{depth}", f"densenet{depth}", lambda frame: densenet(frame, _DEPTHS[depth]), about
    )


DenseNet121, DenseNet169, DenseNet201 = map(_made, _DEPTHS)
