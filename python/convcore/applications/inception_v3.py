"""InceptionV3, and the convolutions that InceptionResNetV2 shares with it."""

from typing import Any

from .. import layers
from ..models import Model
from .frame import Frame, application, channel_axis
from .imagenet_utils import decode_predictions as decode_predictions
from .imagenet_utils import preprocessing

preprocess_input = preprocessing("tf")


def convolution(x: Any, filters: int, kernel: Any, strides: int = 1, padding: str = "same") -> Any:
    """Convolution without bias, batch normalisation without scale, relu."""
    x = layers.Conv2D(filters, kernel, strides=strides, padding=padding, use_bias=False)(x)
    x = layers.BatchNormalization(axis=channel_axis(), scale=False)(x)
    return layers.Activation("relu")(x)


def branch(x: Any, *convolutions: tuple[Any, ...]) -> Any:
    """Convolutions one after another, each given by the further arguments of `convolution`."""
    for arguments in convolutions:
        x = convolution(x, *arguments)
    return x


def joined(tensors: list[Any], name: str | None = None) -> Any:
    """The channels of all tensors, one after another."""
    return layers.Concatenate(axis=channel_axis(), name=name)(tensors)


def averaged(x: Any, filters: int) -> Any:
    """A 3x3 average of stride 1, then a 1x1 convolution."""
    return convolution(layers.AveragePooling2D(3, strides=1, padding="same")(x), filters, 1)


def stem(x: Any) -> Any:
    """Five convolutions and two max poolings: 299 pixels become 35."""
    x = branch(x, (32, 3, 2, "valid"), (32, 3, 1, "valid"), (64, 3))
    x = layers.MaxPooling2D(3, strides=2)(x)
    x = branch(x, (80, 1, 1, "valid"), (192, 3, 1, "valid"))
    return layers.MaxPooling2D(3, strides=2)(x)


def mixed_35(x: Any, first: int, pooled: int, name: str) -> Any:
    """1x1, 5x5 and double 3x3 branches, and an average, on the grid of 35 pixels."""
    return joined(
        [
            branch(x, (first, 1)),
            branch(x, (48, 1), (64, 5)),
            branch(x, (64, 1), (96, 3), (96, 3)),
            averaged(x, pooled),
        ],
        name,
    )


def _mixed_17(x: Any, count: int, name: str) -> Any:
    column, row = (7, 1), (1, 7)
    return joined(
        [
            branch(x, (192, 1)),
            branch(x, (count, 1), (count, row), (192, column)),
            branch(x, (count, 1), (count, column), (count, row), (count, column), (192, row)),
            averaged(x, 192),
        ],
        name,
    )


def _split(x: Any, name: str | None = None) -> Any:
    return joined([branch(x, (384, (1, 3))), branch(x, (384, (3, 1)))], name)


def _mixed_8(x: Any, index: int) -> Any:
    one = branch(x, (320, 1))
    three = _split(branch(x, (384, 1)), f"mixed9_{index}")
    double = _split(branch(x, (448, 1), (384, 3)))
    return joined([one, three, double, averaged(x, 192)], f"mixed{9 + index}")


def reduced(x: Any, branches: list[list[tuple[Any, ...]]], name: str) -> Any:
    """Branches that end with stride 2, and a max pooling of the same stride."""
    tensors = [branch(x, *convolutions) for convolutions in branches]
    return joined([*tensors, layers.MaxPooling2D(3, strides=2)(x)], name)


def inception_v3(frame: Frame) -> Model:
    """The whole network: blocks on grids of 35, 17 and 8 pixels."""
    inputs = frame.input(default_size=299, smallest=75)
    x = stem(inputs)
    for i, pooled in enumerate((32, 64, 64)):
        x = mixed_35(x, 64, pooled, f"mixed{i}")
    x = reduced(x, [[(384, 3, 2, "valid")], [(64, 1), (96, 3), (96, 3, 2, "valid")]], "mixed3")
    for i, count in enumerate((128, 160, 160, 192), 4):
        x = _mixed_17(x, count, f"mixed{i}")
    last = (3, 2, "valid")
    row, column = (192, (1, 7)), (192, (7, 1))
    x = reduced(x, [[(192, 1), (320, *last)], [(192, 1), row, column, (192, *last)]], "mixed8")
    for i in (0, 1):
        x = _mixed_8(x, i)
    return frame.model(inputs, frame.classifier(x, pool=None, pool_max=None, top_pool="avg_pool"))


InceptionV3 = application(
    "InceptionV3",
    "inception_v3",
    inception_v3,
    "InceptionV3: parallel branches of factorised convolutions (Szegedy et al., 2016, arXiv:1512.00567).",
)
