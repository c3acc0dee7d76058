"""ResNet50V2, 101V2 and 152V2: normalisation before each convolution."""

from typing import Any

from .. import layers
from ..models import Model
from .frame import Frame, application
from .imagenet_utils import decode_predictions as decode_predictions
from .imagenet_utils import preprocessing
from .resnet import DEPTHS, FILTERS, norm_relu, stem

preprocess_input = preprocessing("tf")


def bottleneck_v2(x: Any, filters: int, stride: int, projected: bool, name: str) -> Any:
    """A block that is normalised before each convolution, strided in the 3x3 one."""
    before = norm_relu(x, f"{name}_preact")
    if projected:
        shortcut = layers.Conv2D(4 * filters, 1, strides=stride, name=f"{name}_0_conv")(before)
    else:
        shortcut = layers.MaxPooling2D(1, strides=stride)(x) if stride > 1 else x
    x = layers.Conv2D(filters, 1, use_bias=False, name=f"{name}_1_conv")(before)
    x = norm_relu(x, f"{name}_1")
    x = layers.ZeroPadding2D(1, name=f"{name}_2_pad")(x)
    x = layers.Conv2D(filters, 3, strides=stride, use_bias=False, name=f"{name}_2_conv")(x)
    x = norm_relu(x, f"{name}_2")
    x = layers.Conv2D(4 * filters, 1, name=f"{name}_3_conv")(x)
    return layers.Add(name=f"{name}_out")([shortcut, x])


def resnet_v2(frame: Frame, depths: tuple[int, ...]) -> Model:
    """A residual network of the second version: a stage's last block halves the image, not the next's
    first.
    """
    inputs = frame.input(default_size=224, smallest=32)
    x = stem(inputs, normalised=False)
    for stage, (filters, depth) in enumerate(zip(FILTERS, depths, strict=True), 2):
        for block in range(1, depth + 1):
            stride = 2 if block == depth and stage < 5 else 1
            x = bottleneck_v2(x, filters, stride, block == 1, f"conv{stage}_block{block}")
    return frame.model(inputs, frame.classifier(norm_relu(x, "post")))


def _made(depth: int) -> Any:
    about = f"ResNet{depth}V2: pre-activated residual blocks (He et al., 2016, arXiv:1603.05027)."
    return application(
        f"ResNet{depth}V2", f"resnet{depth}v2", lambda frame: resnet_v2(frame, DEPTHS[depth]), about
    )


ResNet50V2, ResNet101V2, ResNet152V2 = map(_made, DEPTHS)
