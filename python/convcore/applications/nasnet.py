"""NASNetMobile and NASNetLarge: two searched cells, repeated."""

from typing import Any

from .. import layers
from ..core.scope import name_scope
from ..models import Model
from .frame import Frame, application, channel_axis, channels, halving_padding
from .imagenet_utils import decode_predictions as decode_predictions
from .imagenet_utils import preprocessing

preprocess_input = preprocessing("tf")
_ORDER = "input_shape include_top weights input_tensor pooling classes classifier_activation name"


def _norm(x: Any, name: str) -> Any:
    axis = 1 if channel_axis() == 1 else -1
    return layers.BatchNormalization(axis=axis, momentum=0.9997, epsilon=1e-3, name=name)(x)


def _relu(x: Any, name: str | None = None) -> Any:
    return layers.Activation("relu", name=name)(x)


def _pointwise(x: Any, filters: int, name: str) -> Any:
    return layers.Conv2D(
        filters, 1, padding="same", use_bias=False, kernel_initializer="he_normal", name=name
    )(x)


def _joined(tensors: list[Any], name: str | None = None) -> Any:
    axis = 1 if channel_axis() == 1 else -1
    return layers.Concatenate(axis=axis, name=name)(tensors)


def _separable(x: Any, filters: int, kernel: int, name: str, stride: int = 1) -> Any:
    """Relu, separable convolution, norm, twice; the first is strided."""
    with name_scope(f"separable_conv_block_{name}"):
        x = _relu(x)
        padding = "same"
        if stride == 2:
            x = layers.ZeroPadding2D(halving_padding(x, kernel), name=f"separable_conv_1_pad_{name}")(x)
            padding = "valid"
        x = _separable_norm(x, filters, kernel, f"1_{name}", f"1_bn_{name}", strides=stride, padding=padding)
        return _separable_norm(_relu(x), filters, kernel, f"2_{name}", f"2_bn_{name}", padding="same")


def _separable_norm(x: Any, filters: int, kernel: int, name: str, norm: str, **options: Any) -> Any:
    name = f"separable_conv_{name}"
    x = layers.SeparableConv2D(filters, kernel, use_bias=False, name=name, **options)(x)
    return _norm(x, f"separable_conv_{norm}")


def _adjusted(previous: Any, x: Any, filters: int, cell: str) -> Any:
    """The output of the cell before the last one, brought to the size of `x` and to `filters` channels."""
    if previous is None:
        return x
    with name_scope("adjust_block"):
        if previous.shape[2] != x.shape[2]:
            with name_scope(f"adjust_reduction_block_{cell}"):
                halves = _halves(_relu(previous, f"adjust_relu_1_{cell}"), filters // 2, cell)
                return _norm(_joined(halves), f"adjust_bn_{cell}")
        if channels(previous) != filters:
            with name_scope(f"adjust_projection_block_{cell}"):
                previous = _pointwise(_relu(previous), filters, f"adjust_conv_projection_{cell}")
                return _norm(previous, f"adjust_bn_{cell}")
        return previous


def _halves(x: Any, filters: int, cell: str) -> list[Any]:
    """Every second pixel, from the first on and from the second on, with `filters` channels each."""
    halves = []
    for i in (1, 2):
        if i == 2:
            x = layers.Cropping2D(((1, 0), (1, 0)))(layers.ZeroPadding2D(((0, 1), (0, 1)))(x))
        half = layers.AveragePooling2D(1, strides=2, name=f"adjust_avg_pool_{i}_{cell}")(x)
        halves.append(_pointwise(half, filters, f"adjust_conv_{i}_{cell}"))
    return halves


def normal_cell(x: Any, previous: Any, filters: int, cell: str) -> tuple[Any, Any]:
    """The cell that keeps the image size (figure 4, left): (its output, its input)."""

    def separable(tensor: Any, kernel: int, name: str) -> Any:
        return _separable(tensor, filters, kernel, f"normal_{name}_{cell}")

    def average(tensor: Any, name: str) -> Any:
        return layers.AveragePooling2D(3, strides=1, padding="same", name=f"normal_{name}_{cell}")(tensor)

    with name_scope(f"normal_A_block_{cell}"):
        p = _adjusted(previous, x, filters, cell)
        h = _norm(_pointwise(_relu(x), filters, f"normal_conv_1_{cell}"), f"normal_bn_1_{cell}")
        pairs = (
            lambda: [separable(h, 5, "left1"), separable(p, 3, "right1")],
            lambda: [separable(p, 5, "left2"), separable(p, 3, "right2")],
            lambda: [average(h, "left3"), p],
            lambda: [average(p, "left4"), average(p, "right4")],
            lambda: [separable(h, 3, "left5"), h],
        )
        sums = []
        for i, pair in enumerate(pairs, 1):
            with name_scope(f"block_{i}"):
                sums.append(layers.Add(name=f"normal_add_{i}_{cell}")(pair()))
        return _joined([p, *sums], f"normal_concat_{cell}"), x


def reduction_cell(x: Any, previous: Any, filters: int, cell: str) -> tuple[Any, Any]:
    """The cell that halves the image (figure 4, right): (its output, its input)."""

    def strided(tensor: Any, kernel: int, name: str) -> Any:
        return _separable(tensor, filters, kernel, f"reduction_{name}_{cell}", 2)

    def pool(kind: Any, name: str) -> Any:
        return kind(3, strides=2, name=f"reduction_{name}_{cell}")(padded)

    def add(name: str, left: Any, right: Any) -> Any:
        return layers.Add(name=f"reduction_{name}_{cell}")([left, right])

    with name_scope(f"reduction_A_block_{cell}"):
        p = _adjusted(previous, x, filters, cell)
        h = _norm(_pointwise(_relu(x), filters, f"reduction_conv_1_{cell}"), f"reduction_bn_1_{cell}")
        padded = layers.ZeroPadding2D(halving_padding(h, 3), name=f"reduction_pad_1_{cell}")(h)
        with name_scope("block_1"):
            one = add("add_1", strided(h, 5, "left1"), strided(p, 7, "right1"))
        with name_scope("block_2"):
            two = add("add_2", pool(layers.MaxPooling2D, "left2"), strided(p, 7, "right2"))
        with name_scope("block_3"):
            three = add("add3", pool(layers.AveragePooling2D, "left3"), strided(p, 5, "right3"))
        four = layers.AveragePooling2D(3, strides=1, padding="same", name=f"reduction_left4_{cell}")(one)
        four = layers.Add()([two, four])
        with name_scope("block_5"):
            five = _separable(one, filters, 3, f"reduction_left4_{cell}")
            five = add("add4", five, pool(layers.MaxPooling2D, "right5"))
        return _joined([two, three, four, five], f"reduction_concat_{cell}"), x


def nasnet(frame: Frame, size: int, widest: int, repeats: int, stem: int, skip_reduction: bool) -> Model:
    """A NASNet-A.

    Args:
        frame: The common arguments.
        size: Default height and width.
        widest: Channels before the classifier.
        repeats: Normal cells per stage.
        stem: Filters of the first convolution.
        skip_reduction: Whether the cell after a reduction reads the tensor before it as its second input.
    """
    inputs = frame.input(default_size=size, smallest=32, flattened=True)
    filters = widest // 24
    x = layers.Conv2D(stem, 3, strides=2, use_bias=False, kernel_initializer="he_normal", name="stem_conv1")(
        inputs
    )
    x = _norm(x, "stem_bn1")
    x, p = reduction_cell(x, None, filters // 4, "stem_1")
    x, p = reduction_cell(x, p, filters // 2, "stem_2")
    for stage in range(3):
        count = filters * 2**stage
        if stage:
            x, before = reduction_cell(x, p, count, f"reduce_{stage * repeats}")
            p = before if not skip_reduction else p
        for i in range(repeats):
            x, p = normal_cell(x, p, count, f"{stage * repeats + i + (stage > 0)}")
    x = _relu(x)
    family = "NASNet-large" if skip_reduction else "NASNet-mobile"
    return frame.model(inputs, frame.classifier(x, pool=None, pool_max=None), family)


def _made(title: str, name: str, *sizes: Any) -> Any:
    about = f"{title}: a network of searched cells (Zoph et al., 2018, arXiv:1707.07012)."
    return application(title, name, lambda frame: nasnet(frame, *sizes), about, _ORDER)


NASNetMobile = _made("NASNetMobile", "nasnet_mobile", 224, 1056, 4, 32, False)
NASNetLarge = _made("NASNetLarge", "nasnet_large", 331, 4032, 6, 96, True)
