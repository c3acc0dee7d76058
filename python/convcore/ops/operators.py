"""Python operators on recorded tensors, symbolic tensors and variables."""

from ..core.keras_tensor import KerasTensor
from ..core.trace import Tensor
from ..core.variable import Variable
from . import core, elementwise, numpy, shapes

_BINARY = {
    "add": numpy.add,
    "sub": numpy.subtract,
    "mul": numpy.multiply,
    "truediv": numpy.true_divide,
    "floordiv": numpy.floor_divide,
    "mod": numpy.mod,
    "pow": numpy.power,
    "matmul": shapes.matmul,
    "and": numpy.logical_and,
    "or": numpy.logical_or,
    "xor": elementwise.logical_xor,
}
_COMPARISONS = {"lt": numpy.less, "le": numpy.less_equal, "gt": numpy.greater, "ge": numpy.greater_equal}
_UNARY = {
    "neg": numpy.negative,
    "pos": core.convert_to_tensor,
    "abs": numpy.absolute,
    "invert": numpy.logical_not,
}


def _attach(cls):
    for name, fn in _BINARY.items():
        setattr(cls, f"__{name}__", lambda self, other, fn=fn: fn(self, other))
        setattr(cls, f"__r{name}__", lambda self, other, fn=fn: fn(other, self))
    for name, fn in _COMPARISONS.items():
        setattr(cls, f"__{name}__", lambda self, other, fn=fn: fn(self, other))
    for name, fn in _UNARY.items():
        setattr(cls, f"__{name}__", lambda self, fn=fn: fn(self))
    cls.__getitem__ = lambda self, key: core.get_item(self, key)
    cls.__round__ = lambda self, ndigits=None: numpy.round(self, decimals=ndigits or 0)


def _variable_item(self, key):
    value = self.value
    return core.get_item(value, key) if type(value) is Tensor else value[key]


def _equal(self, other):
    return False if other is None or isinstance(other, str) else numpy.equal(self, other)


def _not_equal(self, other):
    return True if other is None or isinstance(other, str) else numpy.not_equal(self, other)


def _no_array(self, *args, **kwargs):
    raise TypeError(
        f"{self!r} belongs to a recording: it has no values yet and cannot be converted to a NumPy array. "
        "Use functions of convcore.ops."
    )


def _no_truth(self):
    raise TypeError(
        f"{self!r} belongs to a recording: it has no values yet and cannot be a condition. Use "
        "convcore.ops.where."
    )


def attach_operators():
    """Gives the three tensor classes their operators."""
    for cls in (Tensor, KerasTensor, Variable):
        _attach(cls)
    extra: list[tuple[type, str, object]] = [
        (Variable, "__getitem__", _variable_item),
        # KerasTensors are equal to themselves only, as in Keras.
        (Tensor, "__eq__", _equal),
        (Variable, "__eq__", _equal),
        *((cls, "__ne__", _not_equal) for cls in (Tensor, Variable, KerasTensor)),
        (Tensor, "__array_priority__", 100),
        (Tensor, "__array__", _no_array),
        (Tensor, "__bool__", _no_truth),
        (Tensor, "ndim", property(lambda self: len(self.shape))),
    ]
    for owner, name, value in extra:
        setattr(owner, name, value)
