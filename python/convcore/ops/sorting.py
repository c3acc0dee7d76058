"""Order: sorting, the largest elements, quantiles, places in sorted sequences."""

import numpy as np

from ..core.dispatch import apply, operation
from ..core.trace import is_tensor
from . import reductions
from .numpy import isnan, logical_not, logical_or, multiply, subtract, where
from .promotion import float_tensor, normalized_axes, promoted_tensors, tensor
from .shapes import expand_dims, moveaxis, ravel, reshape, transpose


def _order(x, axis, descending=False):
    """(the positions of ``x`` in order along its last axis, where that axis belongs)."""
    if axis is None:
        x, axis = ravel(x), -1
    (axis,) = normalized_axes(axis, len(x.shape), "argsort")
    return apply("argsort", moveaxis(x, axis, -1), descending=descending), axis


@operation
def argsort(x, axis=-1):
    """The int32 positions that sort ``x`` along ``axis`` (None: flattened); equal ones keep their order."""
    x = tensor(x)
    order, axis = _order(x if x.shape else reshape(x, [1]), axis)
    return moveaxis(order, -1, axis)


@operation
def argpartition(x, kth, axis=-1):
    """Positions of which the first ``kth`` are of the smallest elements; here all are sorted."""
    if not isinstance(kth, int):
        raise ValueError(f"argpartition: kth must be an integer. Received: kth={kth}")
    return argsort(x, axis)


@operation
def sort(x, axis=-1):
    """``x`` in ascending order along ``axis`` (None: flattened); NaN is last."""
    x = tensor(x)
    x, axis = (ravel(x), -1) if axis is None else (x, axis)
    return _picked(x, *_order(x, axis))


def _picked(x, order, axis):
    """The elements of ``x`` at positions that lie along the last axis, along ``axis`` again."""
    from .matrices import take_along_axis

    return moveaxis(take_along_axis(moveaxis(x, axis, -1), order, -1), -1, axis)


@operation
def top_k(x, k, sorted=True):
    """The ``k`` largest elements along the last axis, in descending order, and their int32 positions."""
    x = tensor(x)
    order, axis = _order(x, -1, descending=True)
    order = order[..., : int(k)]
    return _picked(x, order, axis), order


@operation
def in_top_k(targets, predictions, k):
    """Whether the score of each target, ``(batch,)``, is among the ``k`` largest of ``(batch, classes)``."""
    scores, targets = float_tensor(predictions), tensor(targets, "int32")
    own = reductions.sum(where(_is_class(targets, scores), scores, 0.0), axis=-1, keepdims=True)
    larger = reductions.sum(tensor(apply("greater", scores, own), "int32"), axis=-1)
    # one that is not finite, or is no class, is in no list
    usable = apply("isfinite", reductions.sum(own, axis=-1))
    known = apply("less", targets, scores.shape[-1])
    return apply("logical_and", apply("less", larger, int(k)), apply("logical_and", usable, known))


def _is_class(targets, scores):
    classes = np.arange(scores.shape[-1], dtype="int32")
    return apply("equal", expand_dims(targets, -1), classes)


def _last(x, axis, name):
    """``x`` with the axes to reduce as one last axis, the shape of the others, and the reduced axes."""
    rank = len(x.shape)
    axes = normalized_axes(axis, rank, name)
    rest = [i for i in range(rank) if i not in axes]
    sizes = [x.shape[i] for i in axes]
    if None in sizes:
        raise ValueError(f"{name}: expected axes of known size; received shape {tuple(x.shape)}")
    kept = [-1 if x.shape[i] is None else x.shape[i] for i in rest]
    return reshape(transpose(x, rest + axes), [*kept, int(np.prod(sizes))]), kept, axes


def _between(low, high, weight, method):
    if method == "linear":
        between = apply("add", low, apply("multiply", apply("subtract", high, low), weight))
        return where(apply("equal", low, high), low, between)  # infinities have no distance
    if method == "midpoint":
        return apply("multiply", apply("add", low, high), 0.5)
    raise ValueError(
        "quantile: argument `method`: expected 'linear', 'lower', 'higher', 'nearest' or 'midpoint'; "
        f"received {method!r}"
    )


_ROUND = {"lower": "floor", "higher": "ceil", "nearest": "round"}


def _rounded(function, at):
    """Places as whole numbers; known ones are rounded as they are, in float64."""
    if is_tensor(at):
        return tensor(apply(function, at), "int32")
    return getattr(np, {"round": "rint"}.get(function, function))(at).astype("int32")


@operation
def quantile(x, q, axis=None, method="linear", keepdims=False):
    """The value below which a share ``q`` of the elements lies; NaN where there is one.

    Args:
        x: Array.
        q: Number or array of numbers in [0, 1]; its axes come first in the result.
        axis: Axis or axes, of known sizes; None: all.
        method: What is between two elements: `linear`, `lower`, `higher`, `nearest` or `midpoint`.
        keepdims: Whether reduced axes stay, with size 1.
    """
    x, q = float_tensor(x), shares(q)
    rows, kept, axes = _last(x, axis, "quantile")
    order, _ = _order(rows, -1)
    ordered = _picked(rows, order, len(kept))
    at = multiply(ravel(q), rows.shape[-1] - 1) if is_tensor(q) else q.ravel() * (rows.shape[-1] - 1)
    if method in _ROUND:
        result = apply("take", ordered, _rounded(_ROUND[method], at), axis=len(kept))
    else:
        places = [_rounded(function, at) for function in ("floor", "ceil")]
        low, high = (apply("take", ordered, place, axis=len(kept)) for place in places)
        result = _between(low, high, _fraction(at, str(x.dtype)), method)
    spoilt = reductions.any(isnan(rows), axis=-1, keepdims=True)
    return _shaped(where(spoilt, np.nan, result), tuple(q.shape), x, axes, kept, keepdims)


def shares(q):
    """``q`` of a quantile: a tensor of the recording as it is, anything else in float64."""
    return q if is_tensor(q) else np.asarray(q, "float64")


def _fraction(at, dtype):
    if is_tensor(at):
        return tensor(subtract(at, apply("floor", at)), dtype)
    return (at - np.floor(at)).astype(dtype)


def _shaped(result, front, x, axes, kept, keepdims):
    if keepdims:
        kept = [1 if i in axes else -1 if n is None else n for i, n in enumerate(x.shape)]
    return reshape(moveaxis(result, -1, 0), [*front, *kept])


@operation
def percentile(x, q, axis=None, method="linear", keepdims=False):
    """``quantile`` with ``q`` in percent."""
    return quantile(x, shares(q) / 100, axis, method, keepdims)


@operation
def median(x, axis=None, keepdims=False):
    """The element in the middle, or the mean of the two; NaN where there is one."""
    return quantile(x, 0.5, axis, "linear", keepdims)


@operation
def searchsorted(sorted_sequence, values, side="left"):
    """Where values belong in a sorted vector: before equal elements (``left``) or behind them (``right``)."""
    if side not in ("left", "right"):
        raise ValueError(f"searchsorted: argument `side`: expected 'left' or 'right'; received {side!r}")
    sequence, values = promoted_tensors(sorted_sequence, values)
    if len(sequence.shape) != 1:
        raise ValueError(
            "searchsorted: `searchsorted` only supports 1-D sorted sequences; received shape "
            f"{tuple(sequence.shape)}"
        )
    compare = "less" if side == "left" else "less_equal"
    return reductions.sum(tensor(apply(compare, sequence, expand_dims(values, -1)), "int32"), axis=-1)


@operation
def digitize(x, bins):
    """The number of the bin of each element: ``bins[i - 1] <= x < bins[i]`` gives i."""
    return searchsorted(bins, x, side="right")


@operation
def isin(x1, x2, assume_unique=False, invert=False):
    """Whether each element of ``x1`` is one of ``x2``."""
    x1, x2 = promoted_tensors(x1, x2)
    found = reductions.any(apply("equal", expand_dims(x1, -1), ravel(x2)), axis=-1)
    return logical_not(found) if invert else found


@operation
def bincount(x, weights=None, minlength=0, sparse=False):
    """How often each number from 0 on occurs along the last axis, or the sums of its ``weights``.

    The length is that of the largest number, which needs the numbers at hand, or ``minlength`` if that is
    more; inside a recorded function it is ``minlength``, and larger numbers are not counted.
    """
    from .promotion import refuse_sparse

    refuse_sparse("bincount", sparse=sparse)
    x = tensor(x)
    length = int(minlength)
    if not is_tensor(x):
        length = max(length, int(x.max()) + 1 if x.size else 0)
    if not length:
        raise ValueError("bincount: inside a recorded function expected minlength > 0; received 0")
    hits = apply("equal", expand_dims(x, -1), np.arange(length).astype(str(x.dtype)))
    if weights is None:
        return reductions.sum(tensor(hits, "int32"), axis=-2)
    weights = tensor(weights)
    dtype = str(weights.dtype)
    total = reductions.sum(where(hits, expand_dims(weights, -1), np.zeros((), dtype)), axis=-2)
    return total if dtype == "bool" else tensor(total, dtype)


@operation
def histogram(x, bins=10, range=None):
    """How many elements lie in each of ``bins`` equal parts of ``range`` (by default of all there is).

    Returns:
        The counts, ``(bins,)``, and the edges, ``(bins + 1,)``.
    """
    if not isinstance(bins, int) or bins <= 0:
        raise ValueError(
            "histogram: Argument `bins` should be a non-negative integer, of at least 1. Received: "
            f"bins={bins!r}"
        )
    if range is not None and (not isinstance(range, (list, tuple)) or len(range) != 2):
        raise ValueError(
            f"histogram: Argument `range` must be a tuple of two elements. Received: range={range}"
        )
    if range is not None and range[1] < range[0]:
        raise ValueError(
            "histogram: The second element of `range` must be greater than the first. Received: "
            f"range={range}"
        )
    x = float_tensor(x)
    if len(x.shape) != 1:
        raise ValueError(
            f"histogram: Input tensor must be 1-dimensional. Received: input.shape={tuple(x.shape)}"
        )
    if range is None:
        low, high = reductions.min(x), reductions.max(x)
    else:
        low, high = (np.asarray(end, str(x.dtype)) for end in range)
    parts = np.linspace(0, 1, bins + 1).astype(str(x.dtype))
    flat = apply("equal", low, high)
    low, high = where(flat, low - 0.5, low), where(flat, high + 0.5, high)
    edges = apply("add", apply("multiply", apply("subtract", high, low), parts), low)
    place = apply("subtract", searchsorted(edges, x, "right"), 1)
    place = where(apply("equal", x, high), bins - 1, place)
    outside = logical_or(apply("less", x, low), apply("greater", x, high))
    hits = apply("equal", expand_dims(where(outside, -1, place), -1), np.arange(bins, dtype="int32"))
    return reductions.sum(tensor(hits, "int32"), axis=0), edges


__all__ = [
    "argpartition",
    "argsort",
    "bincount",
    "digitize",
    "histogram",
    "in_top_k",
    "isin",
    "median",
    "percentile",
    "quantile",
    "searchsorted",
    "sort",
    "top_k",
]
