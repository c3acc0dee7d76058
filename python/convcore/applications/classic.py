"""Networks that keras.applications does not have: LeNet-5, the CIFAR residual networks, U-Net."""

from typing import Any

from .. import layers, ops
from ..models import Model
from .frame import channel_axis, channels


def LeNet(
    input_shape: tuple[int, int, int] = (28, 28, 1),
    classes: int = 10,
    activation: Any = "tanh",
    classifier_activation: Any = "softmax",
    name: str = "lenet",
) -> Model:
    """LeNet-5 (LeCun et al., 1998, "Gradient-based learning applied to document recognition", section II.B),
    with full connections between its two convolutions and a softmax instead of radial basis functions.

    Args:
        input_shape: `(height, width, channels)`; 28 pixels are padded to the paper's 32 by the first layer.
        classes: Number of classes.
        activation: Activation of the hidden layers.
        classifier_activation: Activation of the classifier.
        name: Name of the model.

    Returns: a Model.
    """
    inputs = x = layers.Input(input_shape)
    for i, (filters, padding) in enumerate(((6, "same"), (16, "valid")), 1):
        x = layers.Conv2D(filters, 5, padding=padding, activation=activation, name=f"conv{i}")(x)
        x = layers.AveragePooling2D(2, name=f"pool{i}")(x)
    x = layers.Flatten(name="flatten")(x)
    for i, units in enumerate((120, 84), 1):
        x = layers.Dense(units, activation=activation, name=f"fc{i}")(x)
    x = layers.Dense(classes, activation=classifier_activation, name="predictions")(x)
    return Model(inputs, x, name=name)


def _conv_norm(x: Any, filters: int, stride: int, name: str) -> Any:
    x = layers.Conv2D(
        filters,
        3,
        strides=stride,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=f"{name}_conv",
    )(x)
    return layers.BatchNormalization(axis=channel_axis(), name=f"{name}_bn")(x)


def _shortcut(x: Any, filters: int, stride: int, name: str) -> Any:
    """The paper's shortcut without parameters: every second pixel, and zeros for the new channels."""
    if stride > 1:
        x = layers.MaxPooling2D(1, strides=stride, name=f"{name}_subsample")(x)
    missing = filters - channels(x)
    if not missing:
        return x
    edges = [(0, 0)] * 4
    edges[channel_axis()] = (missing // 2, missing - missing // 2)
    return ops.pad(x, tuple(edges))


def CifarResNet(
    depth: int = 20,
    input_shape: tuple[int, int, int] = (32, 32, 3),
    classes: int = 10,
    classifier_activation: Any = "softmax",
    name: str | None = None,
) -> Model:
    """The residual networks for CIFAR-10 of He et al., 2015 (arXiv:1512.03385, section 4.2): three stages of
    `(depth - 2) / 6` blocks of two 3x3 convolutions with 16, 32 and 64 filters, shortcuts without parameters.

    Args:
        depth: Number of layers: 20, 32, 44, 56, 110, ... (6n + 2).
        input_shape: `(height, width, channels)`.
        classes: Number of classes.
        classifier_activation: Activation of the classifier.
        name: Name of the model; by default `resnet<depth>`.

    Returns: a Model.

    Raises:
        ValueError: `depth` is not 6n + 2.
    """
    if depth < 8 or depth % 6 != 2:
        raise ValueError(f"CifarResNet: depth: expected 6n + 2 (20, 32, 44, ...); received {depth}")
    inputs = layers.Input(input_shape)
    x = layers.Activation("relu", name="stem_relu")(_conv_norm(inputs, 16, 1, "stem"))
    for stage, filters in enumerate((16, 32, 64), 1):
        for block in range(1, (depth - 2) // 6 + 1):
            name_, stride = f"stage{stage}_block{block}", 2 if stage > 1 and block == 1 else 1
            y = layers.Activation("relu", name=f"{name_}_1_relu")(
                _conv_norm(x, filters, stride, f"{name_}_1")
            )
            y = _conv_norm(y, filters, 1, f"{name_}_2")
            y = layers.Add(name=f"{name_}_add")([_shortcut(x, filters, stride, name_), y])
            x = layers.Activation("relu", name=f"{name_}_out")(y)
    x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    x = layers.Dense(classes, activation=classifier_activation, name="predictions")(x)
    return Model(inputs, x, name=name or f"resnet{depth}")


def ResNet20(**arguments: Any) -> Model:
    """`CifarResNet` with 20 layers; takes its other arguments."""
    return CifarResNet(20, **arguments)


def _double(x: Any, filters: int, normalised: bool, name: str) -> Any:
    for i in (1, 2):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=not normalised, name=f"{name}_conv{i}")(x)
        if normalised:
            x = layers.BatchNormalization(axis=channel_axis(), name=f"{name}_bn{i}")(x)
        x = layers.Activation("relu", name=f"{name}_relu{i}")(x)
    return x


def UNet(
    input_shape: tuple[int | None, int | None, int] = (None, None, 3),
    classes: int = 1,
    filters: int = 64,
    depth: int = 4,
    batch_normalization: bool = True,
    classifier_activation: Any = "sigmoid",
    name: str = "unet",
) -> Model:
    """U-Net (Ronneberger et al., 2015, arXiv:1505.04597) with padded convolutions, so that the output has the
    size of the input.

    Args:
        input_shape: `(height, width, channels)`; height and width are multiples of `2**depth` or None.
        classes: Channels of the output.
        filters: Filters of the first level; each level below has twice as many.
        depth: How often the image is halved.
        batch_normalization: Whether convolutions are normalised.
        classifier_activation: Activation per pixel: "sigmoid", "softmax" or None.
        name: Name of the model.

    Returns: a Model from `(batch, height, width, channels)` to `(batch, height, width, classes)`.

    Raises:
        ValueError: height or width cannot be halved `depth` times.
    """
    size = input_shape[1:] if channel_axis() == 1 else input_shape[:2]
    if any(n is not None and n % 2**depth for n in size):
        raise ValueError(
            f"UNet: input_shape: expected height and width divisible by {2**depth} (2**depth); "
            f"received {input_shape}"
        )
    inputs = x = layers.Input(input_shape)
    passed = []
    for level in range(depth):
        x = _double(x, filters * 2**level, batch_normalization, f"down{level}")
        passed.append(x)
        x = layers.MaxPooling2D(2, name=f"down{level}_pool")(x)
    x = _double(x, filters * 2**depth, batch_normalization, "bottom")
    for level in reversed(range(depth)):
        count = filters * 2**level
        x = layers.Conv2DTranspose(count, 2, strides=2, name=f"up{level}_upsample")(x)
        x = layers.Concatenate(axis=channel_axis(), name=f"up{level}_concat")([passed[level], x])
        x = _double(x, count, batch_normalization, f"up{level}")
    x = layers.Conv2D(classes, 1, activation=classifier_activation, name="predictions")(x)
    return Model(inputs, x, name=name)
