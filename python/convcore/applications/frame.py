"""What surrounds every application: its arguments, its input, its head and its weights."""

import inspect
from dataclasses import dataclass
from typing import Any

from .. import config, layers
from ..core.keras_tensor import KerasTensor, producer
from ..models import Model
from .weights_files import find_weights

IMAGENET_CLASSES = 1000

_ARGUMENTS = """    Args:
        include_top: Whether the classifier is part of the model.
        weights: None (random), a path to a weights file, or "imagenet" (Keras's published weights, read from
            Keras's cache folder).
        input_tensor: A symbolic tensor to build upon instead of a new input.
        input_shape: `(height, width, channels)` of one image.
        pooling: Without the classifier: None (feature maps), "avg" or "max".
        classes: Number of classes of the classifier.
        classifier_activation: Activation of the classifier; None gives the scores.
        name: Name of the model.

    Returns: a Model; images go in as `(batch, height, width, channels)`.

    Raises:
        ValueError: an argument does not fit, or the weights are not there.
    """


@dataclass
class Frame:
    """The arguments that every application takes, and what follows from them.

    A builder makes a Frame, asks it for the `input`, stacks its own layers and hands the last tensor to
    `classifier` (or a head of its own) and then to `model`.
    """

    include_top: bool = True
    weights: Any = "imagenet"
    input_tensor: Any = None
    input_shape: Any = None
    pooling: str | None = None
    classes: int = IMAGENET_CLASSES
    classifier_activation: Any = "softmax"
    name: str | None = None

    def __post_init__(self) -> None:
        if self.pooling not in (None, "avg", "max"):
            raise ValueError(
                f"{self._where}: pooling: expected None, 'avg' or 'max'; received {self.pooling!r}"
            )
        if self.pretrained and self.include_top and self.classes != IMAGENET_CLASSES:
            raise ValueError(
                f"{self._where}: weights='imagenet' with include_top=True: expected classes="
                f"{IMAGENET_CLASSES}; received {self.classes}. Use include_top=False and a head of your own."
            )

    @property
    def _where(self) -> str:
        return f"application {self.name!r}" if self.name else "application"

    @property
    def pretrained(self) -> bool:
        """Whether Keras's published weights were asked for."""
        return self.weights == "imagenet"

    def input(self, default_size: int, smallest: int, flattened: bool | None = None) -> Any:
        """The symbolic input: the caller's tensor, or a new one of the shape that the arguments give.

        Args:
            default_size: Height and width when nothing else is said.
            smallest: The least height and width the architecture can take.
            flattened: Whether the head needs a known size; None means include_top.
        """
        shape = self.shape(default_size, smallest, self.include_top if flattened is None else flattened)
        if self.input_tensor is None:
            return layers.Input(shape=shape)
        if isinstance(self.input_tensor, KerasTensor):
            return self.input_tensor
        return layers.Input(tensor=self.input_tensor, shape=shape)

    def shape(self, default_size: int, smallest: int, flattened: bool) -> tuple[int | None, ...]:
        """The shape of one image, checked against what the architecture and the weights allow."""
        channels = 3
        if self.input_shape is not None and not self.pretrained and len(self.input_shape) == 3:
            channels = self._split(self.input_shape)[1]
        default = self._joined((default_size, default_size), channels)
        if self.pretrained and flattened:
            if self.input_shape is not None and tuple(self.input_shape) != default:
                raise ValueError(
                    f"{self._where}: weights='imagenet' with include_top=True: expected input_shape "
                    f"{default}; received {tuple(self.input_shape)}"
                )
            return default
        if self.input_shape is None:
            return default if flattened else self._joined((None, None), 3)
        return self._checked(tuple(self.input_shape), smallest, flattened)

    def _checked(self, shape: tuple[Any, ...], smallest: int, flattened: bool) -> tuple[int | None, ...]:
        if len(shape) != 3:
            raise ValueError(f"{self._where}: input_shape: expected three integers; received {shape}")
        size, channels = self._split(shape)
        if self.pretrained and channels != 3:
            raise ValueError(
                f"{self._where}: weights='imagenet': expected three channels; received input_shape {shape}"
            )
        if any(n is not None and n < smallest for n in size):
            raise ValueError(
                f"{self._where}: input_shape: expected at least {smallest}x{smallest} pixels; "
                f"received {shape}"
            )
        if flattened and None in shape:
            raise ValueError(
                f"{self._where}: include_top=True: expected an input_shape without None; received {shape}"
            )
        return shape

    def _split(self, shape: Any) -> tuple[tuple[Any, ...], Any]:
        """(height and width, channels) of a shape in the configured data format."""
        if channels_first():
            return tuple(shape[1:]), shape[0]
        return tuple(shape[:-1]), shape[-1]

    def _joined(self, size: tuple[Any, ...], channels: Any) -> tuple[Any, ...]:
        return (channels, *size) if channels_first() else (*size, channels)

    def pooled(self, x: Any, average: str | None = None, maximum: str | None = None) -> Any:
        """The global pooling that replaces the classifier, if asked for; the arguments name its layer."""
        if self.pooling == "avg":
            return layers.GlobalAveragePooling2D(name=average)(x)
        if self.pooling == "max":
            return layers.GlobalMaxPooling2D(name=maximum)(x)
        return x

    def classifier(
        self, x: Any, pool: str | None = "avg_pool", pool_max: str | None = "max_pool", **options: Any
    ) -> Any:
        """The usual head: global average, dropout where given, one Dense layer `predictions`.

        Args:
            x: The last tensor of the backbone.
            pool, pool_max: Names of the pooling layers without the classifier; `pool` is also its own.
            options: `dropout` (rate, layer `top_dropout`), `top_pool` (the name of the classifier's own
                pooling), and what Dense takes.
        """
        if not self.include_top:
            return self.pooled(x, pool, pool_max)
        dropout = options.pop("dropout", 0)
        x = layers.GlobalAveragePooling2D(name=options.pop("top_pool", pool))(x)
        if dropout > 0:
            x = layers.Dropout(dropout, name="top_dropout")(x)
        return layers.Dense(
            self.classes, activation=self.classifier_activation, name="predictions", **options
        )(x)

    def model(self, inputs: Any, outputs: Any, family: str | None = None) -> Model:
        """The model, with the weights that were asked for.

        Args:
            inputs: What `input` returned.
            outputs: The last tensor.
            family: Name of the published weights; by default the model's.
        """
        source = inputs if producer(inputs).is_input else _sources(inputs)
        made = Model(source, outputs, name=self.name)
        path = find_weights(self.weights, family or self.name, self.include_top)
        if path is not None:
            made.load_weights(path)
        return made


def _sources(tensor: Any) -> Any:
    """The Input tensors that a symbolic tensor was computed from: one, or a list."""
    found: dict[int, Any] = {}
    waiting, seen = [tensor], set()
    while waiting:
        node = producer(waiting.pop())
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node.is_input:
            found.update((id(x), x) for x in node.output_tensors)
        waiting.extend(reversed(node.input_tensors))
    inputs = list(found.values())
    return inputs[0] if len(inputs) == 1 else inputs


def channels_first() -> bool:
    """Whether images are (channels, height, width) by default."""
    return config.image_data_format() == "channels_first"


def channel_axis() -> int:
    """The axis of the channels, as batch normalisation and concatenation take it: 1 or 3."""
    return 1 if channels_first() else 3


def channels(x: Any) -> int:
    """The number of channels of a symbolic tensor of images."""
    return int(x.shape[channel_axis()])


def divisible(value: float, divisor: int = 8, smallest: int | None = None) -> int:
    """`value` rounded to a multiple of `divisor`, but not by more than a tenth downwards (MobileNetV2's
    rule).
    """
    rounded = max(smallest or divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded


def halving_padding(x: Any, kernel: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """The padding before a convolution of stride 2 that keeps every second pixel centred: one less in front
    for an even size.
    """
    axis = 2 if channels_first() else 1
    size = x.shape[axis : axis + 2]
    half = kernel // 2
    odd = [1 if n is None else 1 - n % 2 for n in size]
    return (half - odd[0], half), (half - odd[1], half)


_COMMON = {
    "include_top": True,
    "weights": "imagenet",
    "input_tensor": None,
    "input_shape": None,
    "pooling": None,
    "classes": IMAGENET_CLASSES,
    "classifier_activation": "softmax",
    "name": None,
}


def application(
    title: str, name: str | None, body: Any, about: str, order: str = " ".join(_COMMON), **own: Any
) -> Any:
    """An application function with Keras's signature.

    Args:
        title: Its public name.
        name: Default name of the model.
        body: `body(frame, **own)`, which makes the model.
        about: First sentence of the docstring, with the source.
        order: Names of all arguments, separated by spaces.
        own: The arguments beyond the common ones, with their defaults.
    """
    defaults = {**_COMMON, "name": name, **own}
    signature = inspect.Signature(
        [
            inspect.Parameter(key, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=defaults[key])
            for key in order.split()
        ]
    )

    def build(*args: Any, **kwargs: Any) -> Model:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        given = dict(bound.arguments)
        extra = {key: given.pop(key) for key in own}
        return body(Frame(**given), **extra)

    build.__name__ = build.__qualname__ = title
    build.__doc__ = f"{about}\n\n{_ARGUMENTS}"
    setattr(build, "__signature__", signature)  # noqa: B010
    return build
