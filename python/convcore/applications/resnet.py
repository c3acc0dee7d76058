"""ResNet50, 101 and 152, and what both versions of residual networks share."""

from typing import Any

from .. import layers
from ..models import Model
from .frame import Frame, application, channel_axis
from .imagenet_utils import decode_predictions as decode_predictions
from .imagenet_utils import preprocessing

FILTERS = (64, 128, 256, 512)
# number of layers -> blocks in each of the four stages
DEPTHS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}

preprocess_input = preprocessing("caffe")


def norm(x: Any, name: str) -> Any:
    """Batch normalisation as all residual and dense networks here have it."""
    return layers.BatchNormalization(axis=channel_axis(), epsilon=1.001e-5, name=name)(x)


def norm_relu(x: Any, name: str) -> Any:
    """Batch normalisation `<name>_bn`, then `<name>_relu`."""
    return layers.Activation("relu", name=f"{name}_relu")(norm(x, f"{name}_bn"))


def stem(x: Any, normalised: bool) -> Any:
    """The 7x7 convolution and the max pooling in front, both of stride 2."""
    x = layers.ZeroPadding2D(3, name="conv1_pad")(x)
    x = layers.Conv2D(64, 7, strides=2, name="conv1_conv")(x)
    if normalised:
        x = norm_relu(x, "conv1")
    x = layers.ZeroPadding2D(1, name="pool1_pad")(x)
    return layers.MaxPooling2D(3, strides=2, name="pool1_pool")(x)


def bottleneck(x: Any, filters: int, stride: int, projected: bool, name: str) -> Any:
    """1x1 (strided), 3x3, 1x1 to four times the filters, each normalised; add the shortcut, then relu."""
    shortcut = x
    if projected:
        shortcut = layers.Conv2D(4 * filters, 1, strides=stride, name=f"{name}_0_conv")(x)
        shortcut = norm(shortcut, f"{name}_0_bn")
    x = layers.Conv2D(filters, 1, strides=stride, name=f"{name}_1_conv")(x)
    x = norm_relu(x, f"{name}_1")
    x = layers.Conv2D(filters, 3, padding="same", name=f"{name}_2_conv")(x)
    x = norm_relu(x, f"{name}_2")
    x = layers.Conv2D(4 * filters, 1, name=f"{name}_3_conv")(x)
    x = norm(x, f"{name}_3_bn")
    x = layers.Add(name=f"{name}_add")([shortcut, x])
    return layers.Activation("relu", name=f"{name}_out")(x)


def resnet(frame: Frame, depths: tuple[int, ...]) -> Model:
    """A residual network of the first version; `depths` is the number of blocks in each of four stages."""
    inputs = frame.input(default_size=224, smallest=32)
    x = stem(inputs, normalised=True)
    for stage, (filters, depth) in enumerate(zip(FILTERS, depths, strict=True), 2):
        for block in range(1, depth + 1):
            stride = 2 if block == 1 and stage > 2 else 1
            x = bottleneck(x, filters, stride, block == 1, f"conv{stage}_block{block}")
    return frame.model(inputs, frame.classifier(x))


def _made(depth: int) -> Any:
    about = f"ResNet{depth}: residual blocks, {depth} layers deep (He et al., 2015, arXiv:1512.03385)."
    return application(f"ResNet{depth}", f"resnet{depth}", lambda frame: resnet(frame, DEPTHS[depth]), about)


ResNet50, ResNet101, ResNet152 = map(_made, DEPTHS)
