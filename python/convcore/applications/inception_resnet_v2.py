"""InceptionResNetV2: Inception branches whose scaled sum is added to their input."""

from typing import Any

from .. import layers
from ..layers import Layer
from ..models import Model
from .frame import Frame, application, channel_axis, channels
from .imagenet_utils import decode_predictions as decode_predictions
from .imagenet_utils import preprocessing
from .inception_v3 import branch, joined, mixed_35, reduced, stem

preprocess_input = preprocessing("tf")


class CustomScaleLayer(Layer):
    """The first input plus `scale` times the second.

    Args:
        scale: Factor of the second input.
    """

    def __init__(self, scale: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale = scale

    def call(self, inputs: Any) -> Any:
        return inputs[0] + inputs[1] * self.scale


_ROW, _COLUMN = (1, 7), (7, 1)
# block type -> (scale, branches)
_BLOCKS: dict[str, tuple[float, list[list[tuple[Any, ...]]]]] = {
    "block35": (0.17, [[(32, 1)], [(32, 1), (32, 3)], [(32, 1), (48, 3), (64, 3)]]),
    "block17": (0.1, [[(192, 1)], [(128, 1), (160, _ROW), (192, _COLUMN)]]),
    "block8": (0.2, [[(192, 1)], [(192, 1), (224, (1, 3)), (256, (3, 1))]]),
}


def _residual(x: Any, kind: str, index: int, scale: float | None = None, active: bool = True) -> Any:
    factor, branches = _BLOCKS[kind]
    name = f"{kind}_{index}"
    mixed = joined([branch(x, *convolutions) for convolutions in branches], f"{name}_mixed")
    up = layers.Conv2D(channels(x), 1, padding="same", name=f"{name}_conv")(mixed)
    x = CustomScaleLayer(scale=factor if scale is None else scale)([x, up])
    return layers.Activation("relu", name=f"{name}_ac")(x) if active else x


def inception_resnet_v2(frame: Frame) -> Model:
    """The whole network: 10, 20 and 10 residual blocks on grids of 35, 17 and 8 pixels."""
    inputs = frame.input(default_size=299, smallest=75)
    x = mixed_35(stem(inputs), 96, 64, "mixed_5b")
    for i in range(1, 11):
        x = _residual(x, "block35", i)
    last = (3, 2, "valid")
    x = reduced(x, [[(384, *last)], [(256, 1), (256, 3), (384, *last)]], "mixed_6a")
    for i in range(1, 21):
        x = _residual(x, "block17", i)
    branches = [[(256, 1), (384, *last)], [(256, 1), (288, *last)], [(256, 1), (288, 3), (320, *last)]]
    x = reduced(x, branches, "mixed_7a")
    for i in range(1, 10):
        x = _residual(x, "block8", i)
    x = _residual(x, "block8", 10, scale=1.0, active=False)
    x = layers.Conv2D(1536, 1, padding="same", use_bias=False, name="conv_7b")(x)
    x = layers.BatchNormalization(axis=channel_axis(), scale=False, name="conv_7b_bn")(x)
    x = layers.Activation("relu", name="conv_7b_ac")(x)
    return frame.model(inputs, frame.classifier(x, pool=None, pool_max=None, top_pool="avg_pool"))


InceptionResNetV2 = application(
    "InceptionResNetV2",
    "inception_resnet_v2",
    inception_resnet_v2,
    "InceptionResNetV2: Inception blocks with residual sums (Szegedy et al., 2017, arXiv:1602.07261).",
)
