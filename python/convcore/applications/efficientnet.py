"""EfficientNetB0 to B7: one searched network, scaled in width, depth and image size."""

import math
from typing import Any

from .. import layers
from ..models import Model
from .frame import Frame, application, channel_axis, channels, divisible, halving_padding
from .imagenet_utils import decode_predictions as decode_predictions
from .imagenet_utils import preprocessing

preprocess_input = preprocessing(None)

# kernel, number of blocks, filters, expansion, stride of the first (table 1)
_STAGES = (
    *((3, 1, 16, 1, 1), (3, 2, 24, 6, 2), (5, 2, 40, 6, 2), (3, 3, 80, 6, 2)),
    *((5, 3, 112, 6, 1), (5, 4, 192, 6, 2), (3, 1, 320, 6, 1)),
)
# width, depth, image size, dropout
_SCALES = {
    "B0": (1.0, 1.0, 224, 0.2),
    "B1": (1.0, 1.1, 240, 0.2),
    "B2": (1.1, 1.2, 260, 0.3),
    "B3": (1.2, 1.4, 300, 0.3),
    "B4": (1.4, 1.8, 380, 0.4),
    "B5": (1.6, 2.2, 456, 0.4),
    "B6": (1.8, 2.6, 528, 0.5),
    "B7": (2.0, 3.1, 600, 0.5),
}
_STOCHASTIC_DEPTH = 0.2
_DEVIATIONS = (0.229, 0.224, 0.225)
KERNEL = {
    "class_name": "VarianceScaling",
    "config": {"scale": 2.0, "mode": "fan_out", "distribution": "truncated_normal"},
}
CLASSIFIER_KERNEL = {
    "class_name": "VarianceScaling",
    "config": {"scale": 1.0 / 3.0, "mode": "fan_out", "distribution": "uniform"},
}


def scaled(count: int, depth: float) -> int:
    """The number of blocks of a stage in a network `depth` times as deep, rounded up."""
    return math.ceil(depth * count)


def convolution(x: Any, filters: int, kernel: int, name: str, **options: Any) -> Any:
    """A convolution without bias, with the initializer of the paper."""
    options = {"padding": "same", "use_bias": False, **options}
    return layers.Conv2D(filters, kernel, kernel_initializer=KERNEL, name=name, **options)(x)


def norm(x: Any, name: str, momentum: float = 0.99) -> Any:
    """Batch normalisation over the channels."""
    return layers.BatchNormalization(axis=channel_axis(), momentum=momentum, name=name)(x)


def squeeze_excite(x: Any, reduced: int, name: str) -> Any:
    """Scales every channel by a sigmoid of a small network of the channels' means."""
    count = channels(x)
    y = layers.GlobalAveragePooling2D(name=f"{name}se_squeeze")(x)
    shape = (count, 1, 1) if channel_axis() == 1 else (1, 1, count)
    y = layers.Reshape(shape, name=f"{name}se_reshape")(y)
    y = convolution(y, reduced, 1, f"{name}se_reduce", activation="swish", use_bias=True)
    y = convolution(y, count, 1, f"{name}se_expand", activation="sigmoid", use_bias=True)
    return layers.Multiply(name=f"{name}se_excite")([x, y])


def residual(x: Any, given: Any, drop: float, name: str) -> Any:
    """`x + given`, with stochastic depth: a sample's `x` is dropped with probability `drop` in training."""
    if drop > 0:
        x = layers.Dropout(drop, noise_shape=(None, 1, 1, 1), name=f"{name}drop")(x)
    return layers.Add(name=f"{name}add")([x, given])


def _block(x: Any, filters: int, kernel: int, expansion: int, stride: int, drop: float, name: str) -> Any:
    given, count = x, channels(x)
    if expansion != 1:
        x = convolution(x, count * expansion, 1, f"{name}expand_conv")
        x = layers.Activation("swish", name=f"{name}expand_activation")(norm(x, f"{name}expand_bn"))
    if stride == 2:
        x = layers.ZeroPadding2D(halving_padding(x, kernel), name=f"{name}dwconv_pad")(x)
    x = layers.DepthwiseConv2D(
        kernel,
        strides=stride,
        padding="same" if stride == 1 else "valid",
        use_bias=False,
        depthwise_initializer=KERNEL,
        name=f"{name}dwconv",
    )(x)
    x = layers.Activation("swish", name=f"{name}activation")(norm(x, f"{name}bn"))
    x = squeeze_excite(x, max(1, int(count * 0.25)), name)
    x = norm(convolution(x, filters, 1, f"{name}project_conv"), f"{name}project_bn")
    return residual(x, given, drop, name) if stride == 1 and count == filters else x


def _stem(frame: Frame, inputs: Any, width: float) -> Any:
    x = layers.Rescaling(1.0 / 255.0)(inputs)
    x = layers.Normalization(axis=channel_axis())(x)
    if frame.pretrained:
        # The published weights were trained on images divided by the deviation once more.
        x = layers.Rescaling([1.0 / math.sqrt(v) for v in _DEVIATIONS])(x)
    x = layers.ZeroPadding2D(halving_padding(x, 3), name="stem_conv_pad")(x)
    x = convolution(x, divisible(32 * width), 3, "stem_conv", strides=2, padding="valid")
    return layers.Activation("swish", name="stem_activation")(norm(x, "stem_bn"))


def efficientnet(frame: Frame, variant: str) -> Model:
    """The network at one scale, "B0" to "B7"."""
    width, depth, size, dropout = _SCALES[variant]
    inputs = frame.input(default_size=size, smallest=32)
    x = _stem(frame, inputs, width)
    total, index = sum(scaled(count, depth) for _, count, *_ in _STAGES), 0
    for stage, (kernel, count, filters, expansion, stride) in enumerate(_STAGES, 1):
        for i in range(scaled(count, depth)):
            name = f"block{stage}{chr(ord('a') + i)}_"
            drop = _STOCHASTIC_DEPTH * index / total
            step = stride if i == 0 else 1
            x = _block(x, divisible(filters * width), kernel, expansion, step, drop, name)
            index += 1
    x = norm(convolution(x, divisible(1280 * width), 1, "top_conv"), "top_bn")
    x = layers.Activation("swish", name="top_activation")(x)
    head = frame.classifier(x, dropout=dropout, kernel_initializer=CLASSIFIER_KERNEL)
    return frame.model(inputs, head)


def _made(variant: str) -> Any:
    title = f"EfficientNet{variant}"
    return application(
        title,
        title.lower(),
        lambda frame: efficientnet(frame, variant),
        f"{title}: a searched network, scaled (Tan and Le, 2019, arXiv:1905.11946).",
    )


(
    EfficientNetB0,
    EfficientNetB1,
    EfficientNetB2,
    EfficientNetB3,
    EfficientNetB4,
    EfficientNetB5,
    EfficientNetB6,
    EfficientNetB7,
) = map(_made, _SCALES)
