"""Products of vectors and matrices, and what sums of products give, composed of others."""

import numpy as np

from ..core.dispatch import apply, operation
from .creation import ones_like
from .matrices import diag, diagonal, tensordot
from .numpy import divide, multiply, subtract
from .promotion import float_tensor, promoted_tensors, tensor
from .reductions import mean as _mean
from .reductions import sum as _sum
from .shapes import expand_dims, flip, matmul, moveaxis, pad, ravel, reshape, stack, transpose


@operation
def inner(x1, x2):
    """Sums of products over the last axes."""
    x1, x2 = tensor(x1), tensor(x2)
    if not x1.shape or not x2.shape:
        return multiply(x1, x2)
    if None not in (n := (x1.shape[-1], x2.shape[-1])) and n[0] != n[1]:
        raise ValueError(
            "inner: expected the same size of the last dimension; received shapes "
            f"{tuple(x1.shape)} and {tuple(x2.shape)}"
        )
    return tensordot(x1, x2, [[-1], [-1]])


@operation
def kron(x1, x2):
    """Every element of ``x1`` times the whole of ``x2``."""
    x1, x2 = tensor(x1), tensor(x2)
    rank = max(len(x1.shape), len(x2.shape))
    shapes = [[1] * (rank - len(x.shape)) + list(x.shape) for x in (x1, x2)]
    first = reshape(x1, [size for n in shapes[0] for size in (n, 1)])
    second = reshape(x2, [size for n in shapes[1] for size in (1, n)])
    return reshape(multiply(first, second), [n * m for n, m in zip(*shapes, strict=True)])


@operation
def cross(x1, x2, axisa=-1, axisb=-1, axisc=-1, axis=None):
    """The vector product of vectors of 2 or 3 elements; two of 2 elements give its one component."""
    if axis is not None:
        axisa = axisb = axisc = axis
    x1, x2 = promoted_tensors(x1, x2)
    a, b = moveaxis(x1, axisa, -1), moveaxis(x2, axisb, -1)
    if a.shape[-1] not in (2, 3) or b.shape[-1] not in (2, 3):
        raise ValueError(
            "cross: expected vectors of 2 or 3 elements: `x1`'s dim on `axis` and `x2`'s dim must be either "
            f"2 or 3; received shapes {tuple(a.shape)} and {tuple(b.shape)}"
        )
    (a0, a1, a2), (b0, b1, b2) = _components(a), _components(b)
    third = subtract(multiply(a0, b1), multiply(a1, b0))
    if a.shape[-1] == b.shape[-1] == 2:
        return third
    first = subtract(multiply(a1, b2), multiply(a2, b1))
    second = subtract(multiply(a2, b0), multiply(a0, b2))
    parts = [apply("add", part, multiply(third, 0)) for part in (first, second, third)]
    return moveaxis(stack(parts, -1), -1, axisc)


def _components(x):
    return x[..., 0], x[..., 1], x[..., 2] if x.shape[-1] == 3 else multiply(x[..., 0], 0)


@operation
def correlate(x1, x2, mode="valid"):
    """Sums of products of a vector and another that slides over it, as ``numpy.correlate``."""
    x1, x2 = promoted_tensors(x1, x2)
    if mode not in ("valid", "same", "full"):
        raise ValueError(f"correlate: argument `mode`: expected valid, same or full; received {mode!r}")
    if len(x1.shape) != 1 or len(x2.shape) != 1:
        raise ValueError(f"correlate: expected two vectors; received {tuple(x1.shape)}, {tuple(x2.shape)}")
    if None in (*x1.shape, *x2.shape):
        raise ValueError(f"correlate: expected known sizes; received {tuple(x1.shape)}, {tuple(x2.shape)}")
    swapped = x1.shape[0] < x2.shape[0]
    if swapped:
        x1, x2 = x2, x1
    n, m = x1.shape[0], x2.shape[0]
    places = np.arange(n + m - 1)[:, None] + np.arange(m)[None, :]
    windows = apply("take", pad(x1, [[m - 1, m - 1]]), places.astype("int32"), axis=0)
    full = matmul(windows, x2)
    full = flip(full, 0) if swapped else full
    if mode == "full":
        return full
    if mode == "valid":
        return full[m - 1 : n]
    before = (m - 1) // 2 if not swapped else m - 1 - (m - 1) // 2
    return full[before : before + n]


@operation
def corrcoef(x):
    """The correlation coefficients of the rows of ``x``."""
    x = float_tensor(x)
    rows = reshape(x, [1, -1]) if len(x.shape) < 2 else x
    centred = subtract(rows, _mean(rows, 1, True))
    products = matmul(centred, transpose(centred))
    sizes = apply("sqrt", diagonal(products))
    result = divide(divide(products, expand_dims(sizes, 0)), expand_dims(sizes, 1))
    result = apply("clip", result, min=-1.0, max=1.0)
    return reshape(result, []) if len(x.shape) < 2 else result


@operation
def trapezoid(y, x=None, dx=1.0, axis=-1):
    """The integral of ``y`` by trapezoids over the places ``x``, or over steps of ``dx``."""
    y = moveaxis(float_tensor(y), axis, -1)
    if x is None:
        steps = float(dx)
    else:
        x = float_tensor(x)
        x = moveaxis(x, axis, -1) if len(x.shape) > 1 else x
        steps = subtract(x[..., 1:], x[..., :-1])
    return _sum(multiply(multiply(apply("add", y[..., 1:], y[..., :-1]), 0.5), steps), -1)


@operation
def vander(x, N=None, increasing=False):
    """The powers of ``x``, one in each column, the highest first unless ``increasing``."""
    x = tensor(x)
    count = x.shape[0] if N is None else int(N)
    columns = [ones_like(x)]
    for _ in range(count - 1):
        columns.append(multiply(columns[-1], x))
    return stack(columns if increasing else columns[::-1], -1) if count else reshape(x, [-1, 1])[:, :0]


@operation
def diagflat(x, k=0):
    """The matrix with the flattened ``x`` on diagonal ``k``."""
    return diag(ravel(x), k)


@operation
def cdist(x, y):
    """Distances of all pairs of rows, ``(.., n, d)`` and ``(.., m, d)`` to ``(.., n, m)``."""
    x, y = promoted_tensors(x, y, at_least="float")
    difference = subtract(expand_dims(x, -2), expand_dims(y, -3))
    return apply("sqrt", _sum(apply("square", difference), -1))


__all__ = [
    "cdist",
    "corrcoef",
    "correlate",
    "cross",
    "diagflat",
    "inner",
    "kron",
    "trapezoid",
    "vander",
]
