"""VGG16, and the builder of both VGG networks."""

from typing import Any

from .. import layers
from ..models import Model
from .frame import Frame, application
from .imagenet_utils import decode_predictions as decode_predictions
from .imagenet_utils import preprocessing

_FILTERS = (64, 128, 256, 512, 512)
SOURCE = "Simonyan and Zisserman, 2015 (arXiv:1409.1556)"

preprocess_input = preprocessing("caffe")


def vgg(frame: Frame, depths: tuple[int, ...]) -> Model:
    """A VGG network.

    Args:
        frame: The common arguments.
        depths: Number of 3x3 convolutions in each of the five blocks.
    """
    inputs = x = frame.input(default_size=224, smallest=32)
    for block, (filters, depth) in enumerate(zip(_FILTERS, depths, strict=True), 1):
        for i in range(1, depth + 1):
            name = f"block{block}_conv{i}"
            x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=name)(x)
        x = layers.MaxPooling2D(2, strides=2, name=f"block{block}_pool")(x)
    return frame.model(inputs, _head(frame, x))


def _head(frame: Frame, x: Any) -> Any:
    if not frame.include_top:
        return frame.pooled(x)
    x = layers.Flatten(name="flatten")(x)
    for i in (1, 2):
        x = layers.Dense(4096, activation="relu", name=f"fc{i}")(x)
    return layers.Dense(frame.classes, activation=frame.classifier_activation, name="predictions")(x)


VGG16 = application(
    "VGG16",
    "vgg16",
    lambda frame: vgg(frame, (2, 2, 3, 3, 3)),
    f"VGG16: 13 convolutions and three dense layers ({SOURCE}, configuration D).",
)
