"""How operands meet: Python numbers are weak, integers yield to floats, and casts are explicit ops."""

import numpy as np

from .. import config
from ..core import dtypes
from ..core.arrays import as_array
from ..core.dispatch import apply
from ..core.keras_tensor import KerasTensor
from ..core.scope import current_trace
from ..core.trace import Tensor
from ..core.variable import Variable

_NUMBERS = (bool, int, float)


def is_number(x):
    return isinstance(x, _NUMBERS)


def dtype_of(x):
    """The dtype of an operand as result_type() takes it; Python numbers are weak, float64 arrays floatx."""
    if isinstance(x, (Tensor, Variable, KerasTensor)):
        return x.dtype
    if isinstance(x, bool):
        return "bool"
    if isinstance(x, int):
        return "int"
    if isinstance(x, float):
        return "float"
    dtype = x.dtype if isinstance(x, (np.ndarray, np.generic)) else np.asarray(x).dtype
    if dtype == np.float64:
        return config.floatx()
    return dtypes.widened(dtype) or as_array(x, "operand").dtype.name


def tensor(x, dtype=None):
    """``x`` as an array or a tensor of the recording, of ``dtype`` if given."""
    if type(x) is not Tensor:
        if isinstance(x, Variable):
            x = x.value if current_trace() is not None else x._handle.array
        else:
            x = _natural(x)
            # by the op: to 16 bits, for it knows bfloat16 and does not warn of infinities, and floats to
            # integers, for it limits what is beyond them
            by_op = dtypes.is_half(dtype) or (dtypes.is_integer(dtype) and _is_float_array(x))
            x = as_array(x, "operand", None if by_op else dtype)
    if dtype is None or x.dtype == dtype:
        return x
    return apply("cast", x, dtype=dtype)


def _is_float_array(x):
    return isinstance(x, np.ndarray) and x.dtype.kind not in "biu"


def _natural(x):
    if isinstance(x, int) and not isinstance(x, bool):
        return np.asarray(x, "int32" if -(2**31) <= x < 2**31 else "int64")
    return x


def float_tensor(x):
    """``x`` as a tensor of a float dtype; integers become floatx."""
    x = tensor(x)
    return x if dtypes.is_float(str(x.dtype)) else tensor(x, config.floatx())


def promoted(*operands, at_least=None):
    """The operands in their common dtype; Python numbers stay numbers beside a tensor."""
    names = [dtype_of(x) for x in operands]
    dtype = dtypes.result_type(*names, *([at_least] if at_least else []))
    if all(is_number(x) for x in operands):
        return [np.asarray(x, dtype) for x in operands]
    return [x if is_number(x) else tensor(x, dtype) for x in operands]


def promoted_tensors(*operands, at_least=None):
    """The operands as tensors of their common dtype."""
    dtype = dtypes.result_type(*map(dtype_of, operands), *([at_least] if at_least else []))
    return [tensor(x, dtype) for x in operands]


# What arithmetic on two bools is: the sum and the product are bools again, anything else is of whole numbers.
_OF_BOOLS = {"add": "logical_or", "multiply": "logical_and"}
_OF_NUMBERS = ("floor_divide", "mod", "power")


def binary(op, x1, x2, at_least=None):
    """One elementwise op of two operands after promotion."""
    x1, x2 = promoted(x1, x2, at_least=at_least)
    if (op in _OF_BOOLS or op in _OF_NUMBERS) and dtype_of(x1) == dtype_of(x2) == "bool":
        if op in _OF_BOOLS:
            op = _OF_BOOLS[op]
        else:
            x1, x2 = tensor(x1, "int32"), tensor(x2, "int32")
    return apply(op, x1, x2)


def numeric_tensor(x):
    """``x`` as a tensor of numbers; bools become int32."""
    x = tensor(x)
    return tensor(x, "int32") if str(x.dtype) == "bool" else x


def normalized_axes(axis, rank, name):
    """``axis`` (None: all, an int or several) as a list of non-negative ints."""
    if axis is None:
        return list(range(rank))
    axes = [axis] if isinstance(axis, (int, np.integer)) else list(axis)
    for item in axes:
        if not isinstance(item, (int, np.integer)) or not -rank <= item < rank:
            raise ValueError(
                f"{name}: axis {item} is out of bounds: expected one between {-rank} and {rank - 1}; "
                f"received axis={axis}"
            )
    return [int(item) % rank for item in axes]


def refuse_sparse(name, **kinds):
    """ValueError where a tensor of a kind that does not exist here is asked for."""
    for kind, wanted in kinds.items():
        if wanted:
            raise ValueError(
                f"{name}: argument `{kind}`: tensors are dense, expected None or False; received {wanted!r}"
            )
