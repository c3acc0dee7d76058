"""MobileNetV3Small and MobileNetV3Large: searched inverted residual blocks with squeeze-and-excite."""

from typing import Any

from .. import layers
from ..models import Model
from .frame import Frame, application, channel_axis, channels, divisible, halving_padding
from .imagenet_utils import decode_predictions as decode_predictions
from .imagenet_utils import preprocessing

preprocess_input = preprocessing(None)

# expansion, filters, kernel, stride, squeeze-and-excite, whether hard swish instead of relu (tables 1 and 2)
_SMALL = (
    (1, 16, 3, 2, True, False),
    (72 / 16, 24, 3, 2, False, False),
    (88 / 24, 24, 3, 1, False, False),
    (4, 40, 5, 2, True, True),
    *((6, 40, 5, 1, True, True),) * 2,
    *((3, 48, 5, 1, True, True),) * 2,
    (6, 96, 5, 2, True, True),
    *((6, 96, 5, 1, True, True),) * 2,
)
_LARGE = (
    (1, 16, 3, 1, False, False),
    (4, 24, 3, 2, False, False),
    (3, 24, 3, 1, False, False),
    (3, 40, 5, 2, True, False),
    *((3, 40, 5, 1, True, False),) * 2,
    (6, 80, 3, 2, False, True),
    (2.5, 80, 3, 1, False, True),
    *((2.3, 80, 3, 1, False, True),) * 2,
    *((6, 112, 3, 1, True, True),) * 2,
    (6, 160, 5, 2, True, True),
    *((6, 160, 5, 1, True, True),) * 2,
)


def _norm(x: Any, name: str) -> Any:
    axis = 1 if channel_axis() == 1 else -1
    return layers.BatchNormalization(axis=axis, epsilon=1e-3, momentum=0.999, name=name)(x)


def _active(x: Any, hard_swish: bool) -> Any:
    return (layers.Activation("hard_swish") if hard_swish else layers.ReLU())(x)


def _squeeze_excite(x: Any, prefix: str) -> Any:
    """Scales every channel by a hard sigmoid of a small network of the channels' means."""
    count, name = channels(x), f"{prefix}squeeze_excite_"
    y = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}avg_pool")(x)
    y = layers.Conv2D(divisible(count * 0.25), 1, padding="same", name=f"{name}conv")(y)
    y = layers.ReLU(name=f"{name}relu")(y)
    y = layers.Conv2D(count, 1, padding="same", name=f"{name}conv_1")(y)
    y = layers.ReLU(6.0)(y + 3.0) * (1.0 / 6.0)
    return layers.Multiply(name=f"{name}mul")([x, y])


def _block(x: Any, spec: tuple[Any, ...], alpha: float, minimalistic: bool, index: int) -> Any:
    expansion, filters, kernel, stride, squeeze, swish = spec
    if minimalistic:
        kernel, squeeze, swish = 3, False, False
    filters = divisible(filters * alpha)
    prefix = f"expanded_conv_{index}_" if index else "expanded_conv_"
    given, count = x, channels(x)
    if index:
        wide = divisible(count * expansion)
        x = layers.Conv2D(wide, 1, padding="same", use_bias=False, name=f"{prefix}expand")(x)
        x = _active(_norm(x, f"{prefix}expand_bn"), swish)
    if stride == 2:
        x = layers.ZeroPadding2D(halving_padding(x, kernel), name=f"{prefix}depthwise_pad")(x)
    padding = "same" if stride == 1 else "valid"
    x = layers.DepthwiseConv2D(
        kernel, strides=stride, padding=padding, use_bias=False, name=f"{prefix}depthwise"
    )(x)
    x = _active(_norm(x, f"{prefix}depthwise_bn"), swish)
    if squeeze:
        x = _squeeze_excite(x, prefix)
    x = layers.Conv2D(filters, 1, padding="same", use_bias=False, name=f"{prefix}project")(x)
    x = _norm(x, f"{prefix}project_bn")
    return layers.Add(name=f"{prefix}add")([given, x]) if stride == 1 and count == filters else x


def _head(frame: Frame, x: Any, width: int, swish: bool, dropout: float) -> Any:
    if not frame.include_top:
        return frame.pooled(x, "avg_pool", "max_pool")
    x = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = _active(layers.Conv2D(width, 1, padding="same", name="conv_2")(x), swish)
    if dropout > 0:
        x = layers.Dropout(dropout)(x)
    x = layers.Conv2D(frame.classes, 1, padding="same", name="logits")(x)
    x = layers.Flatten()(x)
    return layers.Activation(frame.classifier_activation, name="predictions")(x)


def mobilenet_v3(frame: Frame, blocks: Any, width: int, kind: str, arguments: dict[str, Any]) -> Model:
    """A MobileNetV3.

    Args:
        frame: The common arguments.
        blocks: The rows of the paper's table.
        width: Channels before the classifier.
        kind: "small" or "large".
        arguments: alpha, minimalistic, dropout_rate and include_preprocessing.
    """
    alpha, minimalistic = arguments["alpha"], arguments["minimalistic"]
    if frame.pretrained and alpha not in ((1.0,) if minimalistic else (0.75, 1.0)):
        raise ValueError(
            f"application {frame.name!r}: weights='imagenet': expected alpha 1, or 0.75 if not minimalistic; "
            f"received {alpha}"
        )
    shape = frame.input_shape if frame.input_shape is not None else frame.shape(224, 32, False)
    frame.input_shape = shape
    inputs = x = frame.input(default_size=224, smallest=32, flattened=False)
    if arguments["include_preprocessing"]:
        x = layers.Rescaling(scale=1.0 / 127.5, offset=-1.0)(x)
    x = layers.Conv2D(16, 3, strides=2, padding="same", use_bias=False, name="conv")(x)
    x = _active(_norm(x, "conv_bn"), not minimalistic)
    for index, spec in enumerate(blocks):
        x = _block(x, spec, alpha, minimalistic, index)
    x = layers.Conv2D(divisible(6 * channels(x)), 1, padding="same", use_bias=False, name="conv_1")(x)
    x = _active(_norm(x, "conv_1_bn"), not minimalistic)
    width = divisible(width * alpha) if alpha > 1.0 else width
    x = _head(frame, x, width, not minimalistic, arguments["dropout_rate"])
    style = f"{kind}_minimalistic" if minimalistic else kind
    return frame.model(inputs, x, f"weights_mobilenet_v3_{style}_224_{float(alpha)}_float")


def _made(kind: str, blocks: Any, width: int) -> Any:
    title = f"MobileNetV3{kind.capitalize()}"
    return application(
        title,
        title,
        lambda frame, **arguments: mobilenet_v3(frame, blocks, width, kind, arguments),
        f"{title}: searched inverted residuals, squeeze-and-excite (Howard et al., 2019, arXiv:1905.02244).",
        "input_shape alpha minimalistic include_top weights input_tensor classes pooling dropout_rate "
        "classifier_activation include_preprocessing name",
        alpha=1.0,
        minimalistic=False,
        dropout_rate=0.2,
        include_preprocessing=True,
    )


MobileNetV3Small = _made("small", _SMALL, 1024)
MobileNetV3Large = _made("large", _LARGE, 1280)
