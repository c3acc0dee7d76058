"""ConvNeXt: depthwise 7x7 convolutions and pointwise dense layers, in residual blocks."""

from typing import Any

from .. import layers
from ..layers import Layer
from ..models import Model, Sequential
from .frame import Frame, application
from .imagenet_utils import decode_predictions as decode_predictions
from .imagenet_utils import preprocessing

preprocess_input = preprocessing(None)

# blocks per stage, channels per stage
_VARIANTS = {
    "Tiny": ((3, 3, 9, 3), (96, 192, 384, 768)),
    "Small": ((3, 3, 27, 3), (96, 192, 384, 768)),
    "Base": ((3, 3, 27, 3), (128, 256, 512, 1024)),
    "Large": ((3, 3, 27, 3), (192, 384, 768, 1536)),
    "XLarge": ((3, 3, 27, 3), (256, 512, 1024, 2048)),
}
_MEANS = [0.485 * 255, 0.456 * 255, 0.406 * 255]
_VARIANCES = [(0.229 * 255) ** 2, (0.224 * 255) ** 2, (0.225 * 255) ** 2]


class LayerScale(Layer):
    """Multiplies every channel by a learned factor (Touvron et al., 2021, arXiv:2103.17239).

    Args:
        init_values: Value of all factors at the start.
        projection_dim: Number of channels.
    """

    def __init__(self, init_values: float, projection_dim: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.init_values = init_values
        self.projection_dim = projection_dim

    def build(self, input_shape: Any) -> None:
        initial = {"class_name": "Constant", "config": {"value": self.init_values}}
        # Without a name, as in Keras, where the path of this weight is an automatic one.
        self.gamma = self.add_weight(shape=(self.projection_dim,), initializer=initial)

    def call(self, x: Any) -> Any:
        return x * self.gamma


def _norm(name: str | None) -> Layer:
    return layers.LayerNormalization(epsilon=1e-6, name=name)


def _block(x: Any, count: int, name: str) -> Any:
    y = layers.Conv2D(count, 7, padding="same", groups=count, name=f"{name}_depthwise_conv")(x)
    y = _norm(f"{name}_layernorm")(y)
    y = layers.Dense(4 * count, name=f"{name}_pointwise_conv_1")(y)
    y = layers.Activation("gelu", name=f"{name}_gelu")(y)
    y = layers.Dense(count, name=f"{name}_pointwise_conv_2")(y)
    y = LayerScale(1e-6, count, name=f"{name}_layer_scale")(y)
    return x + layers.Activation("linear", name=f"{name}_identity")(y)


def _downsampling(filters: tuple[int, ...], prefix: str) -> list[Sequential]:
    """The stem and the layers between stages; each a Sequential."""
    stem = [
        layers.Conv2D(filters[0], 4, strides=4, name=f"{prefix}_stem_conv"),
        _norm(f"{prefix}_stem_layernorm"),
    ]
    made = [Sequential(stem, name=f"{prefix}_stem")]
    for i, count in enumerate(filters[1:]):
        inner = [
            _norm(f"{prefix}_downsampling_layernorm_{i}"),
            layers.Conv2D(count, 2, strides=2, name=f"{prefix}_downsampling_conv_{i}"),
        ]
        made.append(Sequential(inner, name=f"{prefix}_downsampling_block_{i}"))
    return made


def _head(frame: Frame, x: Any, prefix: str) -> Any:
    if not frame.include_top:
        return _norm(None)(frame.pooled(x))
    x = layers.GlobalAveragePooling2D(name=f"{prefix}_head_gap")(x)
    x = _norm(f"{prefix}_head_layernorm")(x)
    return layers.Dense(frame.classes, activation=frame.classifier_activation, name=f"{prefix}_head_dense")(x)


def convnext(frame: Frame, variant: str, include_preprocessing: bool) -> Model:
    """One of the networks: "Tiny", "Small", "Base", "Large", "XLarge"."""
    depths, filters = _VARIANTS[variant]
    prefix = str(frame.name)
    inputs = x = frame.input(default_size=224, smallest=32)
    if include_preprocessing:
        name = f"{prefix}_prestem_normalization"
        x = layers.Normalization(mean=_MEANS, variance=_VARIANCES, name=name)(x)
    for stage, downsample in enumerate(_downsampling(filters, prefix)):
        x = downsample(x)
        for i in range(depths[stage]):
            x = _block(x, filters[stage], f"{prefix}_stage_{stage}_block_{i}")
    return frame.model(inputs, _head(frame, x, prefix), f"convnext_{variant.lower()}")


def _made(variant: str) -> Any:
    title = f"ConvNeXt{variant}"
    return application(
        title,
        f"convnext_{variant.lower()}",
        lambda frame, include_preprocessing: convnext(frame, variant, include_preprocessing),
        f"{title}: a modernised residual network (Liu et al., 2022, arXiv:2201.03545).",
        "include_top include_preprocessing weights input_tensor input_shape pooling classes "
        "classifier_activation name",
        include_preprocessing=True,
    )


ConvNeXtTiny, ConvNeXtSmall, ConvNeXtBase, ConvNeXtLarge, ConvNeXtXLarge = map(_made, _VARIANTS)
