"""Activations, pooling and normalisation under the names of ``keras.ops``.

As a namespace it has all of ``keras.ops.nn``.
"""

import math
import warnings

from .. import config
from ..core import dtypes
from ..core.dispatch import apply, operation
from . import numpy as knp
from . import reductions
from .blocks import depth_to_space, space_to_depth  # noqa: F401
from .convolution import conv, conv_transpose, depthwise_conv, separable_conv  # noqa: F401
from .encoding import multi_hot, one_hot  # noqa: F401
from .losses import (  # noqa: F401
    binary_crossentropy,
    categorical_crossentropy,
    psnr,
    sparse_categorical_crossentropy,
)
from .normalization import batch_normalization, layer_normalization, rms_normalization  # noqa: F401
from .pooling import (
    adaptive_average_pool,
    adaptive_max_pool,
    average_pool,
    l2_pool,
    max_pool,
)
from .promotion import float_tensor, normalized_axes, tensor
from .shapes import split

_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772, 1.0507009873554805


@operation
def relu(x):
    """max(x, 0); the derivative at 0 is 0."""
    return apply("relu", tensor(x))


@operation
def relu6(x):
    """min(max(x, 0), 6)."""
    return apply("clip", tensor(x), min=0.0, max=6.0)


@operation
def sigmoid(x):
    """1 / (1 + e⁻ˣ)."""
    return apply("sigmoid", float_tensor(x))


@operation
def tanh(x):
    """The hyperbolic tangent."""
    return apply("tanh", float_tensor(x))


@operation
def softplus(x):
    """ln(1 + e^x), computed without overflow."""
    return apply("softplus", float_tensor(x))


@operation
def log_sigmoid(x):
    """ln(sigmoid(x)) = -softplus(-x), computed without overflow."""
    x = float_tensor(x)
    return apply("negative", apply("softplus", apply("negative", x)))


@operation
def softsign(x):
    """x / (1 + |x|)."""
    x = float_tensor(x)
    return apply("divide", x, apply("add", apply("abs", x), 1.0))


@operation
def silu(x):
    """x sigmoid(x), also known as swish."""
    x = float_tensor(x)
    return apply("multiply", x, apply("sigmoid", x))


swish = silu


@operation
def leaky_relu(x, negative_slope=0.2):
    """x where x > 0, else `negative_slope` x."""
    x = float_tensor(x)
    return apply("where", apply("greater", x, 0.0), x, apply("multiply", x, float(negative_slope)))


@operation
def hard_sigmoid(x):
    """clip(x / 6 + ½, 0, 1)."""
    x = float_tensor(x)
    return apply("clip", apply("add", apply("multiply", x, 1 / 6), 0.5), min=0.0, max=1.0)


@operation
def hard_silu(x):
    """x hard_sigmoid(x), also known as hard swish."""
    x = float_tensor(x)
    return apply("multiply", x, hard_sigmoid(x))


hard_swish = hard_silu


def _elu(x, scale, alpha, divisor=1.0):
    # exp() sees only x <= 0: the branch not taken must stay finite, or its gradient would be 0 * inf.
    negative = apply("minimum", x, 0.0)
    if divisor != 1.0:
        negative = apply("divide", negative, divisor)
    bent = apply("multiply", apply("subtract", apply("exp", negative), 1.0), scale * alpha)
    straight = x if scale == 1.0 else apply("multiply", x, scale)
    return apply("where", apply("greater_equal", x, 0.0), straight, bent)


@operation
def elu(x, alpha=1.0):
    """x where x > 0, else `alpha` (eˣ - 1)."""
    return _elu(float_tensor(x), 1.0, float(alpha))


@operation
def selu(x):
    """1.0507009873554805 elu(x, 1.6732632423543772): keeps mean 0 and variance 1."""
    return _elu(float_tensor(x), _SELU_SCALE, _SELU_ALPHA)


@operation
def celu(x, alpha=1.0):
    """max(0, x) + min(0, `alpha` (exp(x / alpha) - 1))."""
    return _elu(float_tensor(x), 1.0, float(alpha), float(alpha))


@operation
def gelu(x, approximate=True):
    """x Φ(x), Φ the normal distribution; `approximate` takes ½ x (1 + tanh(√(2/π) (x + 0.044715 x³)))."""
    x = float_tensor(x)
    if approximate:
        cube = apply("multiply", apply("multiply", apply("square", x), x), 0.044715)
        inner = apply("tanh", apply("multiply", apply("add", x, cube), math.sqrt(2 / math.pi)))
    else:
        inner = apply("erf", apply("multiply", x, math.sqrt(0.5)))
    return apply("multiply", apply("multiply", x, 0.5), apply("add", inner, 1.0))


@operation
def glu(x, axis=-1):
    """The first half of `axis` times the sigmoid of the second half."""
    x = float_tensor(x)
    (axis,) = normalized_axes(axis, len(x.shape), "glu")
    if x.shape[axis] is None or x.shape[axis] % 2:
        raise ValueError(f"glu: expected an even size of axis {axis}; received shape {tuple(x.shape)}")
    first, second = split(x, 2, axis)
    return apply("multiply", first, apply("sigmoid", second))


@operation
def hard_tanh(x):
    """clip(x, -1, 1)."""
    return apply("clip", float_tensor(x), min=-1.0, max=1.0)


@operation
def tanh_shrink(x):
    """x - tanh(x)."""
    x = float_tensor(x)
    return apply("subtract", x, apply("tanh", x))


@operation
def hard_shrink(x, threshold=0.5):
    """x where |x| > `threshold`, else 0."""
    x = float_tensor(x)
    return apply("multiply", x, tensor(apply("greater", apply("abs", x), float(threshold)), str(x.dtype)))


@operation
def soft_shrink(x, threshold=0.5):
    """x moved towards 0 by `threshold`: sign(x) max(|x| - threshold, 0)."""
    x = float_tensor(x)
    return apply(
        "multiply", apply("sign", x), apply("relu", apply("subtract", apply("abs", x), float(threshold)))
    )


@operation
def squareplus(x, b=4):
    """(x + √(x² + `b`)) / 2, a smooth relu."""
    x = float_tensor(x)
    return apply("multiply", apply("add", x, apply("sqrt", apply("add", apply("square", x), float(b)))), 0.5)


@operation
def sparse_sigmoid(x):
    """clip((x + 1) / 2, 0, 1)."""
    x = float_tensor(x)
    return apply("clip", apply("multiply", apply("add", x, 1.0), 0.5), min=0.0, max=1.0)


@operation
def sparse_plus(x):
    # The integral of sparse_sigmoid: a square between -1 and 1, x beyond.
    """0 for x <= -1, (x + 1)² / 4 between, x for x >= 1."""
    x = float_tensor(x)
    inside = apply("clip", x, min=-1.0, max=1.0)
    bend = apply("multiply", apply("square", apply("add", inside, 1.0)), 0.25)
    return apply("where", apply("less", x, 1.0), bend, x)


@operation
def threshold(x, threshold, default_value):
    """``x`` where it is larger than ``threshold``, else ``default_value``."""
    x = float_tensor(x)
    return knp.where(apply("greater", x, float(threshold)), x, float(default_value))


@operation
def mish(x):
    """x tanh(softplus(x))."""
    x = float_tensor(x)
    return apply("multiply", x, apply("tanh", apply("softplus", x)))


@operation
def softmax(x, axis=-1):
    """e^(x - max) over its sum along ``axis``; several axes count as one."""
    x = float_tensor(x)
    axes = normalized_axes(axis, len(x.shape), "softmax")
    if len(axes) == 1:
        if x.shape[axes[0]] == 1:
            warnings.warn(
                f"You are using a softmax over axis {axis} of a tensor of shape {tuple(x.shape)}. This axis "
                "has size 1. The softmax operation will always return the value 1, which is likely not what "
                "you intended. Did you mean to use a sigmoid instead?",
                stacklevel=4,
            )
        return apply("softmax", x, axis=axes[0])
    e = apply("exp", apply("subtract", x, apply("stop_gradient", apply("max", x, axes=axes, keepdims=True))))
    return apply("divide", e, apply("sum", e, axes=axes, keepdims=True))


@operation
def log_softmax(x, axis=-1):
    """x - ln(Σ eˣ) along `axis` (an int or several), computed without overflow."""
    x = float_tensor(x)
    axes = normalized_axes(axis, len(x.shape), "log_softmax")
    if len(axes) == 1:
        return apply("log_softmax", x, axis=axes[0])
    shifted = apply("subtract", x, apply("stop_gradient", apply("max", x, axes=axes, keepdims=True)))
    return apply(
        "subtract", shifted, apply("log", apply("sum", apply("exp", shifted), axes=axes, keepdims=True))
    )


@operation
def sparsemax(x, axis=-1):
    """The projection onto the simplex along ``axis``."""
    # The threshold is the largest of (sum of the elements >= z_i, minus 1) / (their number) over i.
    x = float_tensor(x)
    (axis,) = normalized_axes(axis, len(x.shape), "sparsemax")
    mine, others = apply("expand_dims", x, axis=axis + 1), apply("expand_dims", x, axis=axis)
    counted = tensor(apply("greater_equal", others, mine), str(x.dtype))
    total = apply("sum", apply("multiply", counted, others), axes=[axis + 1], keepdims=False)
    count = apply("sum", counted, axes=[axis + 1], keepdims=False)
    level = apply("max", apply("divide", apply("subtract", total, 1.0), count), axes=[axis], keepdims=True)
    return apply("relu", apply("subtract", x, level))


@operation
def moments(x, axes, keepdims=False, synchronized=False):
    """Mean and biased variance over ``axes``; of float16 in float32, limited to the range of float16."""
    x = float_tensor(x)
    if str(x.dtype) != "float16":
        return reductions.mean(x, axes, keepdims), reductions.var(x, axes, keepdims)
    low, high = dtypes.float_limits("float16")
    wide = moments(tensor(x, "float32"), axes, keepdims)
    return tuple(tensor(apply("clip", value, min=low, max=high), "float16") for value in wide)


@operation
def normalize(x, axis=-1, order=2, epsilon=None):
    """``x`` divided by its norm of the given order, at least ``epsilon``, along ``axis``."""
    if order != math.inf and (isinstance(order, bool) or not isinstance(order, int) or order < 1):
        raise ValueError(
            f"normalize: Argument `order` must be an int >= 1, or math.inf. Received: order={order!r}"
        )
    x = float_tensor(x)
    epsilon = config.epsilon() if epsilon is None else epsilon
    axes = normalized_axes(axis, len(x.shape), "normalize")
    if order == 2:
        square = apply("sum", apply("square", x), axes=axes, keepdims=True)
        return apply("multiply", x, apply("rsqrt", apply("maximum", square, float(epsilon) ** 2)))
    size = apply("abs", x)
    if math.isinf(order):
        norm = apply("max", size, axes=axes, keepdims=True)
    else:
        norm = apply("sum", apply("power", size, float(order)), axes=axes, keepdims=True)
        norm = norm if order == 1 else apply("power", norm, 1 / order)
    return apply("divide", x, apply("maximum", norm, float(epsilon)))


def l2_normalize(x, axis=-1, epsilon=None):
    """``x`` divided by its Euclidean norm along ``axis``."""
    return normalize(x, axis, 2, epsilon)


def __getattr__(name):
    if name == "ctc_loss":  # its room is built on this one
        from .alignment import ctc_loss

        return ctc_loss
    if name in ("fold", "unfold"):
        from . import scattering

        return getattr(scattering, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "adaptive_average_pool",
    "adaptive_max_pool",
    "average_pool",
    "batch_normalization",
    "celu",
    "elu",
    "gelu",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "l2_normalize",
    "l2_pool",
    "leaky_relu",
    "log_sigmoid",
    "log_softmax",
    "max_pool",
    "mish",
    "moments",
    "normalize",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh_shrink",
    "threshold",
]
