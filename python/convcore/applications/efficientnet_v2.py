"""EfficientNetV2 B0 to B3, S, M and L: fused blocks first, separable ones later."""

from typing import Any

from .. import layers
from ..models import Model
from .efficientnet import CLASSIFIER_KERNEL, KERNEL, convolution, norm, residual, scaled, squeeze_excite
from .frame import Frame, application, channel_axis, channels
from .imagenet_utils import decode_predictions as decode_predictions
from .imagenet_utils import preprocessing

preprocess_input = preprocessing(None)

# fused, number of blocks, filters, expansion, stride of the first
_B = (
    *((True, 1, 16, 1, 1), (True, 2, 32, 4, 2), (True, 2, 48, 4, 2)),
    *((False, 3, 96, 4, 2), (False, 5, 112, 6, 1), (False, 8, 192, 6, 2)),
)
_S = (
    *((True, 2, 24, 1, 1), (True, 4, 48, 4, 2), (True, 4, 64, 4, 2)),
    *((False, 6, 128, 4, 2), (False, 9, 160, 6, 1), (False, 15, 256, 6, 2)),
)
_M = (
    *((True, 3, 24, 1, 1), (True, 5, 48, 4, 2), (True, 5, 80, 4, 2), (False, 7, 160, 4, 2)),
    *((False, 14, 176, 6, 1), (False, 18, 304, 6, 2), (False, 5, 512, 6, 1)),
)
_L = (
    *((True, 4, 32, 1, 1), (True, 7, 64, 4, 2), (True, 7, 96, 4, 2), (False, 10, 192, 4, 2)),
    *((False, 19, 224, 6, 1), (False, 25, 384, 6, 2), (False, 7, 640, 6, 1)),
)
# stages, channels of the stem, width, depth, image size
_VARIANTS: dict[str, tuple[Any, int, float, float, int]] = {
    "B0": (_B, 32, 1.0, 1.0, 224),
    "B1": (_B, 32, 1.0, 1.1, 240),
    "B2": (_B, 32, 1.1, 1.2, 260),
    "B3": (_B, 32, 1.2, 1.4, 300),
    "S": (_S, 24, 1.0, 1.0, 384),
    "M": (_M, 24, 1.0, 1.0, 480),
    "L": (_L, 32, 1.0, 1.0, 480),
}
_STOCHASTIC_DEPTH = 0.2
_DROPOUT = 0.2
_MOMENTUM = 0.9
_MEANS = [0.485, 0.456, 0.406]
_VARIANCES = [0.229**2, 0.224**2, 0.225**2]


def _width(filters: int, factor: float) -> int:
    """`filters` times the width, rounded to the nearest multiple of eight."""
    return max(8, int(filters * factor + 4) // 8 * 8)


def _norm_active(x: Any, name: str, activation: str) -> Any:
    return layers.Activation("swish", name=activation)(norm(x, name, _MOMENTUM))


def _expanded(x: Any, kernel: int, expansion: int, stride: int, name: str) -> Any:
    x = convolution(x, channels(x) * expansion, kernel, f"{name}expand_conv", strides=stride)
    return _norm_active(x, f"{name}expand_bn", f"{name}expand_activation")


def _fused(x: Any, filters: int, expansion: int, stride: int, name: str) -> Any:
    if expansion != 1:
        x = _expanded(x, 3, expansion, stride, name)
        return norm(convolution(x, filters, 1, f"{name}project_conv"), f"{name}project_bn", _MOMENTUM)
    x = convolution(x, filters, 3, f"{name}project_conv", strides=stride)
    return _norm_active(x, f"{name}project_bn", f"{name}project_activation")


def _separable(x: Any, filters: int, expansion: int, stride: int, name: str) -> Any:
    count = channels(x)
    x = _expanded(x, 1, expansion, 1, name)
    x = layers.DepthwiseConv2D(
        3,
        strides=stride,
        padding="same",
        use_bias=False,
        depthwise_initializer=KERNEL,
        name=f"{name}dwconv2",
    )(x)
    x = _norm_active(x, f"{name}bn", f"{name}activation")
    x = squeeze_excite(x, max(1, int(count * 0.25)), name)
    return norm(convolution(x, filters, 1, f"{name}project_conv"), f"{name}project_bn", _MOMENTUM)


def _preprocessed(x: Any, variant: str) -> Any:
    if variant not in ("S", "M", "L"):
        x = layers.Rescaling(scale=1.0 / 255)(x)
        if channel_axis() == 1:
            return x
        return layers.Normalization(mean=_MEANS, variance=_VARIANCES, axis=channel_axis())(x)
    return layers.Rescaling(scale=1.0 / 128.0, offset=-1)(x)


def efficientnet_v2(frame: Frame, variant: str, include_preprocessing: bool) -> Model:
    """One of the networks: "B0" to "B3", "S", "M", "L"."""
    stages, first, width, depth, size = _VARIANTS[variant]
    inputs = x = frame.input(default_size=size, smallest=32)
    if include_preprocessing:
        x = _preprocessed(x, variant)
    x = convolution(x, _width(first, width), 3, "stem_conv", strides=2)
    x = _norm_active(x, "stem_bn", "stem_activation")
    total, index = sum(count for _, count, *_ in stages), 0
    for stage, (fused, count, filters, expansion, stride) in enumerate(stages, 1):
        for i in range(scaled(count, depth)):
            name = f"block{stage}{chr(ord('a') + i)}_"
            given, step = x, stride if i == 0 else 1
            x = (_fused if fused else _separable)(x, _width(filters, width), expansion, step, name)
            if step == 1 and channels(given) == channels(x):
                x = residual(x, given, _STOCHASTIC_DEPTH * index / total, name)
            index += 1
    x = convolution(x, _width(1280, width), 1, "top_conv")
    x = _norm_active(x, "top_bn", "top_activation")
    initial: dict[str, Any] = {"kernel_initializer": CLASSIFIER_KERNEL, "bias_initializer": _zero()}
    return frame.model(inputs, frame.classifier(x, dropout=_DROPOUT, **initial))


def _zero() -> dict[str, Any]:
    return {"class_name": "Constant", "config": {"value": 0.0}}


def _made(variant: str) -> Any:
    title = f"EfficientNetV2{variant}"
    return application(
        title,
        f"efficientnetv2-{variant.lower()}",
        lambda frame, include_preprocessing: efficientnet_v2(frame, variant, include_preprocessing),
        f"{title}: fused and separable blocks (Tan and Le, 2021, arXiv:2104.00298).",
        "include_top weights input_tensor input_shape pooling classes classifier_activation "
        "include_preprocessing name",
        include_preprocessing=True,
    )


(
    EfficientNetV2B0,
    EfficientNetV2B1,
    EfficientNetV2B2,
    EfficientNetV2B3,
    EfficientNetV2S,
    EfficientNetV2M,
    EfficientNetV2L,
) = map(_made, _VARIANTS)
