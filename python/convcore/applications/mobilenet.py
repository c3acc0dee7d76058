"""MobileNet: depthwise separable convolutions."""

from typing import Any

from .. import layers
from ..models import Model
from .frame import Frame, application, channel_axis
from .imagenet_utils import decode_predictions as decode_predictions
from .imagenet_utils import preprocessing

_SIZES = (128, 160, 192, 224)
# filters and stride of the 13 separable convolutions
_BLOCKS = (
    *((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)),
    *((512, 1),) * 5,
    *((1024, 2), (1024, 1)),
)

preprocess_input = preprocessing("tf")


def published_size(shape: Any, sizes: tuple[int, ...]) -> int:
    """The image size of the published weights that an input shape means: its own, or 224."""
    if shape is None or len(shape) != 3:
        return 224
    rows, columns = (shape[1], shape[2]) if channel_axis() == 1 else (shape[0], shape[1])
    return rows if rows == columns and rows in sizes else 224


def rows_of(x: Any) -> Any:
    """The height of a symbolic tensor of images; None if unknown."""
    return x.shape[2 if channel_axis() == 1 else 1]


def _norm_relu(x: Any, name: str) -> Any:
    x = layers.BatchNormalization(axis=1 if channel_axis() == 1 else -1, name=f"{name}_bn")(x)
    return layers.ReLU(6.0, name=f"{name}_relu")(x)


def _separable(x: Any, filters: int, multiplier: int, stride: int, index: int) -> Any:
    if stride > 1:
        x = layers.ZeroPadding2D(((0, 1), (0, 1)), name=f"conv_pad_{index}")(x)
    x = layers.DepthwiseConv2D(
        3,
        strides=stride,
        padding="same" if stride == 1 else "valid",
        depth_multiplier=multiplier,
        use_bias=False,
        name=f"conv_dw_{index}",
    )(x)
    x = _norm_relu(x, f"conv_dw_{index}")
    x = layers.Conv2D(filters, 1, padding="same", use_bias=False, name=f"conv_pw_{index}")(x)
    return _norm_relu(x, f"conv_pw_{index}")


def _head(frame: Frame, x: Any, dropout: float) -> Any:
    if not frame.include_top:
        return frame.pooled(x)
    x = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    x = layers.Conv2D(frame.classes, 1, padding="same", name="conv_preds")(x)
    x = layers.Reshape((frame.classes,), name="reshape_2")(x)
    return layers.Activation(frame.classifier_activation, name="predictions")(x)


def mobilenet(frame: Frame, alpha: float, depth_multiplier: int, dropout: float) -> Model:
    """The network; `alpha` widens or narrows every layer."""
    size = published_size(frame.input_shape, _SIZES)
    if frame.pretrained and (depth_multiplier != 1 or alpha not in (0.25, 0.5, 0.75, 1.0)):
        raise ValueError(
            "application 'mobilenet': weights='imagenet': expected depth_multiplier=1 and alpha 0.25, 0.5, "
            f"0.75 or 1; received depth_multiplier={depth_multiplier}, alpha={alpha}"
        )
    inputs = frame.input(default_size=size, smallest=32)
    rows = size if frame.pretrained else rows_of(inputs)
    frame.name = frame.name or f"mobilenet_{alpha:0.2f}_{rows}"
    x = layers.Conv2D(int(32 * alpha), 3, strides=2, padding="same", use_bias=False, name="conv1")(inputs)
    x = _norm_relu(x, "conv1")
    for index, (filters, stride) in enumerate(_BLOCKS, 1):
        x = _separable(x, int(filters * alpha), depth_multiplier, stride, index)
    text = {1.0: "1_0", 0.75: "7_5", 0.5: "5_0"}.get(alpha, "2_5")
    return frame.model(inputs, _head(frame, x, dropout), f"mobilenet_{text}_{rows}")


MobileNet = application(
    "MobileNet",
    None,
    mobilenet,
    "MobileNet: 13 depthwise separable convolutions (Howard et al., 2017, arXiv:1704.04861).",
    "input_shape alpha depth_multiplier dropout include_top weights input_tensor pooling classes "
    "classifier_activation name",
    alpha=1.0,
    depth_multiplier=1,
    dropout=1e-3,
)
