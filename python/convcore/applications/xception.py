"""Xception: depthwise separable convolutions with residual connections."""

from typing import Any

from .. import layers
from ..models import Model
from .frame import Frame, application, channel_axis
from .imagenet_utils import decode_predictions as decode_predictions
from .imagenet_utils import preprocessing

preprocess_input = preprocessing("tf")


def _norm(x: Any, name: str | None = None) -> Any:
    return layers.BatchNormalization(axis=channel_axis() if channel_axis() == 1 else -1, name=name)(x)


def _relu(x: Any, name: str) -> Any:
    return layers.Activation("relu", name=name)(x)


def _separable(x: Any, filters: int, name: str) -> Any:
    x = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False, name=name)(x)
    return _norm(x, f"{name}_bn")


def _shortcut(x: Any, filters: int) -> Any:
    return _norm(layers.Conv2D(filters, 1, strides=2, padding="same", use_bias=False)(x))


def _entry(x: Any) -> Any:
    for i, (filters, stride) in enumerate(((32, 2), (64, 1)), 1):
        name = f"block1_conv{i}"
        x = layers.Conv2D(filters, 3, strides=stride, use_bias=False, name=name)(x)
        x = _relu(_norm(x, f"{name}_bn"), f"{name}_act")
    return x


def _reducing(x: Any, filters: tuple[int, int], block: int) -> Any:
    """Two separable convolutions and a max pooling of stride 2, beside a strided 1x1 convolution."""
    shortcut = _shortcut(x, filters[1])
    for i, count in enumerate(filters, 1):
        if block > 2 or i > 1:
            x = _relu(x, f"block{block}_sepconv{i}_act")
        x = _separable(x, count, f"block{block}_sepconv{i}")
    x = layers.MaxPooling2D(3, strides=2, padding="same", name=f"block{block}_pool")(x)
    return layers.Add()([x, shortcut])


def _middle(x: Any, block: int) -> Any:
    shortcut = x
    for i in (1, 2, 3):
        x = _separable(_relu(x, f"block{block}_sepconv{i}_act"), 728, f"block{block}_sepconv{i}")
    return layers.Add()([x, shortcut])


def xception(frame: Frame) -> Model:
    """The whole network: entry flow, eight middle blocks, exit flow."""
    inputs = frame.input(default_size=299, smallest=71)
    x = _entry(inputs)
    for block, count in enumerate((128, 256, 728), 2):
        x = _reducing(x, (count, count), block)
    for block in range(5, 13):
        x = _middle(x, block)
    x = _reducing(x, (728, 1024), 13)
    for i, count in enumerate((1536, 2048), 1):
        x = _relu(_separable(x, count, f"block14_sepconv{i}"), f"block14_sepconv{i}_act")
    return frame.model(inputs, frame.classifier(x, pool=None, pool_max=None, top_pool="avg_pool"))


Xception = application(
    "Xception",
    "xception",
    xception,
    "Xception: 36 convolutions, all but four separable (Chollet, 2017, arXiv:1610.02357).",
)
