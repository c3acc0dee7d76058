"""Sums of products by the letters of their axes (Einstein's convention)."""

import math

from ..core import dtypes
from ..core.dispatch import operation
from . import reductions
from .matrices import diagonal
from .numpy import multiply
from .promotion import dtype_of, tensor
from .shapes import matrix_product, reshape, squeeze, transpose


def _parse(subscripts, ranks):
    """The letters of every operand and of the result; an ellipsis becomes capital letters of its own."""
    text = subscripts.replace(" ", "")
    inputs, arrow, output = text.partition("->")
    terms = inputs.split(",")
    if len(terms) != len(ranks):
        raise ValueError(
            f"einsum: expected {len(terms)} operands for the subscripts {subscripts!r}; received {len(ranks)}"
        )
    free = [c for c in "ZYXWVUTSRQPONMLKJIHGFEDCBA" if c not in text]
    widest = max([r - len(t) + 3 for t, r in zip(terms, ranks, strict=True) if "..." in t], default=0)
    dots = "".join(free[:widest][::-1])
    expanded = []
    for term, rank in zip(terms, ranks, strict=True):
        count = rank - len(term) + 3
        letters = term.replace("...", dots[len(dots) - count :]) if "..." in term else term
        if len(letters) != rank:
            raise ValueError(
                f"einsum: expected an operand with {len(letters)} axes for {term!r} in {subscripts!r}; "
                f"received one with {rank}"
            )
        expanded.append(letters)
    if not arrow:
        every = "".join(expanded)
        output = dots + "".join(sorted(c for c in set(every) if every.count(c) == 1 and c not in dots))
    return expanded, output.replace("...", dots)


def _own_sums(x, letters, others):
    """``x`` with repeated letters taken as diagonals, and letters that nobody else has summed."""
    for c in dict.fromkeys(letters):
        while letters.count(c) > 1:
            first = letters.index(c)
            second = letters.index(c, first + 1)
            x = diagonal(x, 0, first, second)
            letters = letters[:first] + letters[first + 1 : second] + letters[second + 1 :] + c
    alone = [i for i, c in enumerate(letters) if c not in others]
    if alone:
        x = reductions.sum(x, axis=alone)
        letters = "".join(c for c in letters if c in others)
    return x, letters


def _without_ones(x, letters, sizes):
    """``x`` without the axes of size 1 that are longer elsewhere: they stand for every place there."""
    ones = [i for i, c in enumerate(letters) if x.shape[i] == 1 and sizes[c] != 1]
    return (
        (squeeze(x, ones), "".join(c for i, c in enumerate(letters) if i not in ones))
        if ones
        else (x, letters)
    )


def _sizes(operands):
    sizes: dict = {}
    for x, letters in operands:
        for c, n in zip(letters, x.shape, strict=True):
            known = sizes.get(c, 1)
            if known in (1, None):
                sizes[c] = known if n == 1 else n
            elif n not in (1, None, known):
                raise ValueError(f"einsum: expected one size for the letter {c!r}; received {known} and {n}")
    return sizes


def _product(a, la, b, lb, keep):
    """The product of two operands, summed over the letters that are not kept."""
    batch = [c for c in la if c in lb and c in keep]
    summed = [c for c in la if c in lb and c not in keep]
    left, right = ([c for c in letters if c not in batch + summed] for letters in (la, lb))
    a = transpose(a, [la.index(c) for c in batch + left + summed])
    b = transpose(b, [lb.index(c) for c in batch + summed + right])
    split = len(batch), len(batch) + len(left), len(batch) + len(summed)
    shape = [*a.shape[: split[1]], *b.shape[split[2] :]]
    letters = "".join(batch + left + right)
    if not summed:
        a = reshape(a, [*_one_unknown(a.shape), *[1] * len(right)])
        b = reshape(b, [*_one_unknown(b.shape[: split[0]]), *[1] * len(left), *b.shape[split[0] :]])
        return multiply(a, b), letters
    x = reshape(
        a,
        [
            *_flat(a.shape, 0, split[0], batch),
            *_flat(a.shape, split[0], split[1]),
            _size(a.shape[split[1] :]),
        ],
    )
    y = reshape(
        b,
        [*_flat(b.shape, 0, split[0], batch), _size(b.shape[split[0] : split[2]]), *_flat(b.shape, split[2])],
    )
    return reshape(matrix_product(x, y), _one_unknown(shape)), letters


def _size(sizes):
    return -1 if None in sizes else math.prod(sizes)


def _flat(shape, start, stop=None, needed=True):
    """The axes from start to stop as one; none at all where it is not needed."""
    return [_size(shape[start:stop])] if needed else []


def _one_unknown(shape):
    return [-1 if n is None else n for n in shape]


@operation
def einsum(subscripts, *operands):
    """Sums of products: ``einsum("bij,bjk->bik", x, y)`` is a product of matrices.

    Args:
        subscripts: The letters of the operands' axes, and behind ``->`` those of the result; others are
            summed. ``...`` stands for the axes that are not named.
        operands: Tensors. They are multiplied from left to right.

    Raises:
        ValueError: Number of operands, ranks or sizes do not fit.
    """
    names = [dtype_of(x) for x in operands]
    dtype = "int32" if set(names) == {"int8"} else dtypes.result_type(*names)
    tensors = [tensor(x, dtype) for x in operands]
    letters, output = _parse(subscripts, [len(x.shape) for x in tensors])
    pairs = list(zip(tensors, letters, strict=True))
    sizes = _sizes(pairs)
    pairs = [_without_ones(x, own, sizes) for x, own in pairs]
    for i, (x, own) in enumerate(pairs):
        others = output + "".join(term for j, (_, term) in enumerate(pairs) if j != i)
        pairs[i] = _own_sums(x, own, others)
    x, own = pairs[0]
    for i, (y, other) in enumerate(pairs[1:], 2):
        keep = output + "".join(term for _, term in pairs[i:])
        x, own = _product(x, own, y, other, keep)
    missing = [c for c in output if c not in own]
    if missing:
        raise ValueError(f"einsum: the result's letters {missing} stand in no operand of {subscripts!r}")
    return tensor(transpose(x, [own.index(c) for c in output]), dtype)


__all__ = ["einsum"]
