"""Cross-entropies, element by element, and psnr, under the names of ``keras.ops``."""

import math

from .. import config
from ..core.dispatch import apply, operation
from .encoding import one_hot
from .promotion import float_tensor, normalized_axes, promoted, tensor
from .shapes import squeeze


def _same_shape(name, target, output):
    a, b = tuple(target.shape), tuple(output.shape)
    if len(a) != len(b) or any(
        m is not None and n is not None and m != n for m, n in zip(a, b, strict=False)
    ):
        raise ValueError(
            f"{name}: expected target and output of the same shape; received target {a} and output {b}"
        )


@operation
def binary_crossentropy(target, output, from_logits=False):
    """-(t ln p + (1 - t) ln(1 - p)) for each element."""
    target, output = promoted(target, float_tensor(output))
    _same_shape("binary_crossentropy", target, output)
    if from_logits:
        tail = apply("softplus", apply("negative", apply("abs", output)))
        return apply("add", apply("subtract", apply("relu", output), apply("multiply", output, target)), tail)
    epsilon = config.epsilon()
    p = apply("clip", output, min=epsilon, max=1 - epsilon)
    ones = apply("multiply", target, apply("log", p))
    zeros = apply("multiply", apply("subtract", 1.0, target), apply("log", apply("subtract", 1.0, p)))
    return apply("negative", apply("add", ones, zeros))


def _log_probabilities(output, from_logits, axis):
    if from_logits:
        return apply("log_softmax", output, axis=axis)
    p = apply("divide", output, apply("sum", output, axes=[axis], keepdims=True))
    return apply("log", apply("clip", p, min=config.epsilon(), max=1 - config.epsilon()))


@operation
def categorical_crossentropy(target, output, from_logits=False, axis=-1):
    """-sum(t ln p) along ``axis``, for one-hot or soft targets."""
    target, output = promoted(target, float_tensor(output))
    _same_shape("categorical_crossentropy", target, output)
    (axis,) = normalized_axes(axis, len(output.shape), "categorical_crossentropy")
    weighted = apply("multiply", target, _log_probabilities(output, from_logits, axis))
    return apply("negative", apply("sum", weighted, axes=[axis], keepdims=False))


@operation
def sparse_categorical_crossentropy(target, output, from_logits=False, axis=-1):
    """-ln p of the class given by an integer target."""
    target, output = tensor(target), float_tensor(output)
    rank = len(output.shape)
    (axis,) = normalized_axes(axis, rank, "sparse_categorical_crossentropy")
    if len(target.shape) == rank and target.shape[-1] == 1:
        target = squeeze(target, -1)
    expected = tuple(n for i, n in enumerate(output.shape) if i != axis)
    found = tuple(target.shape)
    if len(found) != len(expected) or any(
        None not in pair and pair[0] != pair[1] for pair in zip(found, expected, strict=False)
    ):
        raise ValueError(
            "sparse_categorical_crossentropy: expected integer targets of shape "
            f"{expected} for outputs of shape {tuple(output.shape)}; received {found}"
        )
    hot = one_hot(target, output.shape[axis], axis, str(output.dtype))
    weighted = apply("multiply", hot, _log_probabilities(output, from_logits, axis))
    return apply("negative", apply("sum", weighted, axes=[axis], keepdims=False))


@operation
def psnr(x1, x2, max_val):
    """The peak signal-to-noise ratio 20 log10(max_val) - 10 log10(mean((x1 - x2)²)), in decibels."""
    x1, x2 = promoted(x1, float_tensor(x2))
    _same_shape("psnr", x1, x2)
    error = apply("mean", apply("square", apply("subtract", x1, x2)), axes=[], keepdims=False)
    decibels = apply("multiply", apply("log", error), -10 / math.log(10))
    return apply("add", decibels, 20 * math.log10(max_val))
