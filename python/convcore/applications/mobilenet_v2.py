"""MobileNetV2: inverted residual blocks with linear bottlenecks."""

from typing import Any

from .. import layers
from ..models import Model
from .frame import Frame, application, channel_axis, channels, divisible, halving_padding
from .imagenet_utils import decode_predictions as decode_predictions
from .imagenet_utils import preprocessing
from .mobilenet import published_size, rows_of

_SIZES = (96, 128, 160, 192, 224)
# expansion, filters, number of blocks, stride of the first
_STAGES = (
    *((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2)),
    *((6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)),
)

preprocess_input = preprocessing("tf")


def _norm(x: Any, name: str) -> Any:
    axis = 1 if channel_axis() == 1 else -1
    return layers.BatchNormalization(axis=axis, epsilon=1e-3, momentum=0.999, name=name)(x)


def _pointwise(x: Any, filters: int, name: str) -> Any:
    return layers.Conv2D(filters, 1, padding="same", use_bias=False, name=name)(x)


def inverted_residual(x: Any, expansion: int, filters: int, stride: int, prefix: str) -> Any:
    """1x1 to `expansion` times the channels, depthwise 3x3, 1x1 without activation; added to the input where
    the shapes agree.
    """
    given, count = x, channels(x)
    if expansion > 1:
        x = _norm(_pointwise(x, expansion * count, f"{prefix}expand"), f"{prefix}expand_BN")
        x = layers.ReLU(6.0, name=f"{prefix}expand_relu")(x)
    if stride == 2:
        x = layers.ZeroPadding2D(halving_padding(x, 3), name=f"{prefix}pad")(x)
    padding = "same" if stride == 1 else "valid"
    x = layers.DepthwiseConv2D(3, strides=stride, padding=padding, use_bias=False, name=f"{prefix}depthwise")(
        x
    )
    x = layers.ReLU(6.0, name=f"{prefix}depthwise_relu")(_norm(x, f"{prefix}depthwise_BN"))
    x = _norm(_pointwise(x, filters, f"{prefix}project"), f"{prefix}project_BN")
    if stride == 1 and count == filters:
        x = layers.Add(name=f"{prefix}add")([given, x])
    return x


def mobilenet_v2(frame: Frame, alpha: float) -> Model:
    """The network; `alpha` widens or narrows every layer."""
    if frame.pretrained and alpha not in (0.35, 0.5, 0.75, 1.0, 1.3, 1.4):
        raise ValueError(
            "application 'mobilenetv2': weights='imagenet': expected alpha 0.35, 0.5, 0.75, 1, 1.3 or 1.4; "
            f"received {alpha}"
        )
    size = published_size(frame.input_shape, _SIZES)
    inputs = frame.input(default_size=size, smallest=32)
    rows = size if frame.pretrained else rows_of(inputs)
    frame.name = frame.name or f"mobilenetv2_{alpha:0.2f}_{rows}"
    x = layers.Conv2D(divisible(32 * alpha), 3, strides=2, padding="same", use_bias=False, name="Conv1")(
        inputs
    )
    x = layers.ReLU(6.0, name="Conv1_relu")(_norm(x, "bn_Conv1"))
    index = 0
    for expansion, filters, depth, stride in _STAGES:
        for i in range(depth):
            prefix = f"block_{index}_" if index else "expanded_conv_"
            x = inverted_residual(x, expansion, divisible(filters * alpha), stride if i == 0 else 1, prefix)
            index += 1
    last = divisible(1280 * alpha) if alpha > 1.0 else 1280
    x = layers.Conv2D(last, 1, use_bias=False, name="Conv_1")(x)
    x = layers.ReLU(6.0, name="out_relu")(_norm(x, "Conv_1_bn"))
    source = f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{float(alpha)}_{rows}"
    return frame.model(inputs, frame.classifier(x, pool=None, pool_max=None), source)


MobileNetV2 = application(
    "MobileNetV2",
    None,
    mobilenet_v2,
    "MobileNetV2: inverted residuals and linear bottlenecks (Sandler et al., 2018, arXiv:1801.04381).",
    "input_shape alpha include_top weights input_tensor pooling classes classifier_activation name",
    alpha=1.0,
)
