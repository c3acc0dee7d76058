"""Connectionist temporal classification: losses and readings of sequences whose alignment is not known."""

import numpy as np

from ..core.dispatch import apply, operation
from ..core.dtypes import at_least_float32
from .creation import zeros_like
from .encoding import one_hot
from .logarithms import logaddexp
from .nn import log_softmax
from .numpy import equal, where
from .promotion import float_tensor, tensor
from .shapes import concatenate, pad

_NEVER = -1e5  # the logarithm of a probability that counts as 0


def _valid(lengths, size, dtype):
    """1 at the positions below each length: (batch, size)."""
    places = np.arange(size, dtype="int32")[None]
    return tensor(apply("less", places, apply("expand_dims", tensor(lengths, "int32"), axis=1)), dtype)


def _added(blank, scores):
    """``blank`` (batch, n + 1) with ``scores`` (batch, n) added, as probabilities, to all but the first."""
    return concatenate([blank[:, :1], logaddexp(blank[:, 1:], scores)], axis=1)


@operation
def ctc_loss(target, output, target_length, output_length, mask_index=0):
    """The negative logarithm of the probability of ``target``, summed over all its alignments: Graves et al.,
    ICML 2006. The forward recursion is written out step by step, so the number of steps must be known.

    Args:
        target: Class numbers (batch, labels).
        output: Logits (batch, steps, classes).
        target_length: Number of labels of each sample (batch,).
        output_length: Number of steps of each sample (batch,).
        mask_index: The class that is the blank.
    """
    target, output = tensor(target, "int32"), float_tensor(output)
    if len(target.shape) != 2 or len(output.shape) != 3 or None in (target.shape[1], *output.shape[1:]):
        raise ValueError(
            "ctc_loss: expected a target (batch, labels) and an output (batch, steps, classes) of known "
            f"sizes but for the batch; received {tuple(target.shape)} and {tuple(output.shape)}"
        )
    labels, steps, classes = target.shape[1], output.shape[1], output.shape[2]
    dtype = at_least_float32(str(output.dtype))  # sums of logarithms, and _NEVER, do not fit into 16 bits
    scores = log_softmax(tensor(output, dtype))
    hot = one_hot(target, classes, dtype=dtype)
    # (batch, steps, labels): picked by a sum, since the classes of a sample are its own
    picked = apply("multiply", apply("expand_dims", scores, axis=2), apply("expand_dims", hot, axis=1))
    emitted = apply("sum", picked, axes=[3], keepdims=False)
    repeats = pad(tensor(equal(target[:, :-1], target[:, 1:]), dtype), [[0, 0], [0, 1]])
    lasting = _valid(output_length, steps, "bool")
    emit = apply("broadcast_like", np.asarray(_NEVER, dtype), tensor(target, dtype))
    blank = concatenate([zeros_like(emit[:, :1]), emit], axis=1)
    for step in range(steps):
        here, silent = emitted[:, step], scores[:, step, mask_index : mask_index + 1]
        # from a label on to the next, unless it is the same: then a blank must stand between
        open_blank = _added(blank, emit + repeats * _NEVER)
        new_emit = logaddexp(open_blank[:, :-1] + here, emit + here)
        new_blank = _added(open_blank + silent, emit + silent + (1.0 - repeats) * _NEVER)
        alive = lasting[:, step : step + 1]
        blank, emit = where(alive, new_blank, blank), where(alive, new_emit, emit)
    last = one_hot(tensor(target_length, "int32"), labels + 1, dtype=dtype)
    total = apply("multiply", _added(blank, emit), last)
    return apply("negative", apply("sum", total, axes=[1], keepdims=False))


__all__ = ["ctc_loss"]
