"""Choices and loops under the names of ``keras.ops``. A recorded graph has neither: choices compute both
sides, and loops are written out, so their lengths must be known.
"""

from ..core import dtypes, tree
from ..core.dispatch import is_symbolic, operation
from ..core.keras_tensor import KerasTensor
from . import numpy
from .promotion import dtype_of
from .shapes import flip, stack


def dtype(x):
    """The name of the dtype of ``x``."""
    return dtypes.standardize_dtype(getattr(x, "dtype", None) or dtype_of(x))


def _is_recorded(x):
    return is_symbolic(x) or (hasattr(x, "assign") and is_symbolic(getattr(x, "value", None)))


def cond(pred, true_fn, false_fn):
    """``true_fn()`` if ``pred`` holds, else ``false_fn()``. While recording both run and one is kept."""
    if not _is_recorded(pred):
        return true_fn() if pred else false_fn()
    return tree.map_structure(lambda a, b: numpy.where(pred, a, b), true_fn(), false_fn())


def switch(index, branches, *operands):
    """The result of the branch of that number, the first or last one beyond them. While recording all run."""
    if not _is_recorded(index):
        return branches[max(0, min(int(index), len(branches) - 1))](*operands)
    results = [branch(*operands) for branch in branches]
    chosen = results[-1]
    for i in reversed(range(len(results) - 1)):
        at_most = numpy.less_equal(index, i)
        chosen = tree.map_structure(
            lambda a, b, at_most=at_most: numpy.where(at_most, a, b), results[i], chosen
        )
    return chosen


def fori_loop(lower, upper, body_fun, init_val):
    """``init_val = body_fun(i, init_val)`` for i from ``lower`` to ``upper``, both known numbers."""
    if _is_recorded(lower) or _is_recorded(upper):
        raise ValueError("fori_loop: expected known limits; received tensors of a recording")
    value = init_val
    for i in range(int(lower), int(upper)):
        value = body_fun(i, value)
    return value


def while_loop(cond, body, loop_vars, maximum_iterations=None):
    """``loop_vars = body(*loop_vars)`` while ``cond(*loop_vars)``, which must not depend on a recording."""
    single = not isinstance(loop_vars, (list, tuple))
    values, count = (loop_vars,) if single else tuple(loop_vars), 0
    while maximum_iterations is None or count < maximum_iterations:
        holds = cond(*values)
        if _is_recorded(holds):
            raise ValueError(
                "while_loop: expected a condition that is known while recording; use fori_loop, or where"
            )
        if not holds:
            break
        results = body(*values)
        values = (results,) if single or not isinstance(results, (list, tuple)) else tuple(results)
        count += 1
    return values[0] if single else values


def _length(structure, where):
    sizes = {x.shape[0] for x in tree.flatten(structure)}
    if len(sizes) != 1 or None in sizes:
        raise ValueError(
            f"{where}: expected one known size of the first dimension of all arrays; received {sizes}"
        )
    return sizes.pop()


@operation
def scan(f, init, xs=None, length=None, reverse=False, unroll=1):
    """``carry, y = f(carry, x)`` for every row x of ``xs``; returns the last carry and the rows y."""
    if not callable(f):
        raise TypeError(f"scan: argument `f`: `f` should be a callable. Received: f={f}")
    if not isinstance(unroll, bool) and (not isinstance(unroll, int) or unroll < 1):
        raise ValueError(
            "scan: argument `unroll`: `unroll` must be an positive integer or boolean. "
            f"Received: unroll={unroll}"
        )
    if xs is None and length is None:
        raise ValueError("scan: Got no `xs` to scan over and `length` not provided.")
    count = int(length) if xs is None else _length(xs, "scan")
    if length is not None and int(length) != count:
        raise ValueError(f"scan: argument `length`: expected the length of xs, {count}; received {length}")
    carry, rows = init, []
    for i in reversed(range(count)) if reverse else range(count):
        carry, y = f(carry, None if xs is None else tree.map_structure(lambda x, i=i: x[i], xs))
        rows.append(y)
    rows = rows[::-1] if reverse else rows
    return carry, _stacked(rows)


def _stacked(rows):
    if not rows or all(y is None for y in rows):
        return None
    return tree.map_structure(lambda *parts: stack(list(parts), 0), *rows)


@operation
def map(f, xs):
    """``f`` of every row of ``xs``, as rows of the result."""
    count = _length(xs, "map")
    return _stacked([f(tree.map_structure(lambda x, i=i: x[i], xs)) for i in range(count)])


@operation
def vectorized_map(function, elements):
    """``function`` of every row of ``elements``: another name of ``map``."""
    return map(function, elements)


@operation
def associative_scan(f, elems, reverse=False, axis=0):
    """Running results of an associative ``f`` along ``axis``, one after another."""
    if not callable(f):
        raise TypeError(f"associative_scan: argument `f`: `f` should be a callable. Received: f={f}")
    flat = [numpy_moved(x, axis, 0) for x in tree.flatten(elems)]
    flat = [flip(x, 0) for x in flat] if reverse else flat
    count = _length(flat, "associative_scan")
    rows = [tree.pack_as(elems, [x[0] for x in flat])]
    for i in range(1, count):
        rows.append(f(rows[-1], tree.pack_as(elems, [x[i] for x in flat])))
    result = _stacked(rows)
    if reverse:
        result = tree.map_structure(lambda x: flip(x, 0), result)
    return tree.map_structure(lambda x: numpy_moved(x, 0, axis), result)


def numpy_moved(x, source, destination):
    from .shapes import moveaxis

    return moveaxis(x, source, destination)


def vectorize(pyfunc, *, excluded=None, signature=None):
    """A function that applies ``pyfunc`` to every element of arrays, as ``numpy.vectorize``; arrays only."""
    import numpy as np

    if not callable(pyfunc):
        raise TypeError(f"vectorize: argument `pyfunc`: expected a callable; received {pyfunc!r}")
    wrapped = np.vectorize(pyfunc, excluded=excluded, signature=signature)

    def run(*args, **kwargs):
        if any(_is_recorded(x) or isinstance(x, KerasTensor) for x in args):
            raise ValueError("vectorize: expected arrays; a function of single elements cannot be recorded")
        return wrapped(*args, **kwargs)

    return run


__all__ = [
    "associative_scan",
    "cond",
    "dtype",
    "fori_loop",
    "map",
    "scan",
    "switch",
    "vectorize",
    "vectorized_map",
    "while_loop",
]
