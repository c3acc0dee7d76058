"""Variable: a named array that layers, optimizers and metrics update in place, shared with the C++ core."""

import numpy as np

from .. import _core, config
from . import dtypes, naming
from .arrays import as_array
from .budget import charge
from .late_values import expect, puts_off
from .scope import autocast_dtype, current_path, current_trace


class Variable:
    """State that outlives a call, with Keras's interface.

    Args:
        initializer: The initial value, or a callable ``(shape, dtype)`` that returns it (or the name of one).
        shape: Needed with a callable.
        dtype: Element type; None means that of a given value, else floatx.
        trainable: Whether optimizers update it.
        autocast: Whether layers whose compute dtype is another float type than this one read it in that.
        aggregation, synchronization: Accepted for Keras's signature; without effect here.
        name: Last part of ``path``.
    """

    __array_priority__ = 100
    is_late = False  # whether random values will be drawn unless others come before

    def __init__(
        self,
        initializer,
        shape=None,
        dtype=None,
        trainable=True,
        autocast=True,
        aggregation="none",
        synchronization="auto",
        name=None,
        **kwargs,
    ):
        if kwargs:
            raise ValueError(f"Variable: unrecognised keyword arguments {sorted(kwargs)}")
        self.name = name or naming.auto_name(type(self).__name__)
        if not isinstance(self.name, str) or "/" in self.name:
            raise ValueError(
                f"Variable: Argument `name` must be a string without '/'. Received: name={name!r}"
            )
        path = current_path()
        self.path = f"{path}/{self.name}" if path else self.name
        value = _initial_value(self.path, initializer, shape, dtype)
        self.autocast, self.aggregation, self.synchronization = bool(autocast), aggregation, synchronization
        self._regularizer = self._constraint = None
        self._overwrite_with_gradient = False
        self._trainable = self._created_trainable = bool(trainable)
        self._handle = _core.Variable(value.dtype.name, value.shape, self.path)
        self._shape, self._dtype = tuple(value.shape), value.dtype.name
        if puts_off(initializer):
            expect(self, initializer)
        else:
            self._write(value)

    @property
    def shape(self):
        return self._shape

    @property
    def ndim(self):
        return len(self._shape)

    @property
    def size(self):
        return int(np.prod(self._shape))

    @property
    def dtype(self):
        """The type of the content; in the call of a layer that casts its variables, the one it is read in."""
        dtype = autocast_dtype() if self.autocast else None
        return self._dtype if dtype is None or not dtypes.is_float(self._dtype) else dtype

    @property
    def trainable(self):
        return self._trainable

    @trainable.setter
    def trainable(self, value):
        self._trainable = bool(value)

    @property
    def overwrite_with_gradient(self):
        """Whether optimizers take the gradient as the new value."""
        return self._overwrite_with_gradient

    @overwrite_with_gradient.setter
    def overwrite_with_gradient(self, value):
        if not isinstance(value, bool):
            raise TypeError(
                f"variable {self.path!r}: `overwrite_with_gradient` must be a boolean. Received: {value!r}"
            )
        self._overwrite_with_gradient = value

    @property
    def constraint(self):
        """What the optimizer applies to the value after each update, or None."""
        return self._constraint

    @constraint.setter
    def constraint(self, value):
        self._constraint = self._checked_callable("constraint", value)

    @property
    def regularizer(self):
        """What makes a penalty of the value, or None."""
        return self._regularizer

    @regularizer.setter
    def regularizer(self, value):
        self._regularizer = self._checked_callable("regularizer", value)

    def _checked_callable(self, what, value):
        if value is not None and not callable(value):
            raise ValueError(
                f"variable {self.path!r}: Invalid value for attribute `{what}`. Expected a callable or None; "
                f"received {value!r}"
            )
        return value

    @property
    def value(self):
        """The content: while recording the recorded tensor, else an array sharing the variable's memory."""
        trace = current_trace()
        return self._handle.array if trace is None else trace.read(self)

    def numpy(self):
        """A copy of the content."""
        return self._handle.array.copy()

    def assign(self, value):
        """Takes ``value``, which must have the variable's shape; returns it."""
        trace = current_trace()
        if trace is not None:
            return self._assign_traced(trace, value)
        array = as_array(value, f"variable {self.path!r}: assign", self._dtype)
        self._check_shape(array.shape)
        self._write(array)
        return self._handle.array

    def assign_add(self, value):
        """Adds ``value``."""
        return self.assign(self + value)

    def assign_sub(self, value):
        """Subtracts ``value``."""
        return self.assign(self - value)

    def _assign_traced(self, trace, value):
        from ..ops.core import cast

        value = cast(trace.convert(value, self._dtype), self._dtype)
        self._check_shape(value.shape)
        trace.assign(self, value)
        return value

    def _check_shape(self, shape):
        shape = tuple(shape)
        if len(shape) != len(self._shape) or any(
            n is not None and n != m for n, m in zip(shape, self._shape, strict=False)
        ):
            raise ValueError(
                f"variable {self.path!r}: assign: expected a value of the variable's shape {self._shape}; "
                f"received {shape}"
            )

    def _write(self, array):
        self._handle.array[...] = array
        self._handle.touch()
        self.is_late = False

    def __getstate__(self):
        state = {name: value for name, value in self.__dict__.items() if name != "_handle"}
        return {**state, "value": self.numpy()}

    def __setstate__(self, state):
        value = state.pop("value")
        self.__dict__.update(state)
        self._handle = _core.Variable(value.dtype.name, value.shape, self.path)
        self._write(value)

    def __array__(self, dtype=None, copy=None):
        array = self._handle.array
        if dtype is not None and np.dtype(dtype) != array.dtype:
            return array.astype(dtype)
        return array.copy() if copy else array

    def __float__(self):
        return float(self._scalar())

    def __int__(self):
        return int(self._scalar())

    def _scalar(self):
        if self.ndim > 0:
            raise TypeError(
                "Only scalar arrays can be converted to Python scalars. "
                f"Received: variable {self.path!r} of shape {self._shape}"
            )
        return self._handle.array

    def __bool__(self):
        return bool(self._handle.array)

    def __len__(self):
        return len(self._handle.array)

    def __repr__(self):
        return (
            f"<Variable path={self.path}, shape={self.shape}, dtype={self.dtype}, value={self._handle.array}>"
        )


def value_of(variable):
    """The value now: the recorded tensor while recording, else a copy that later assignments leave alone."""
    return variable.numpy() if current_trace() is None else variable.value


def _initial_value(path, initializer, shape, dtype):
    if isinstance(initializer, str):
        from .. import initializers

        initializer = initializers.get(initializer)
    if callable(initializer) and not isinstance(initializer, Variable):
        if shape is None:
            raise ValueError(
                f"variable {path!r}: When creating a Variable from an initializer, the `shape` argument "
                "should be specified. Received: shape=None"
            )
        dtype = dtypes.standardize_dtype(dtype)
        dtypes.numpy_dtype(dtype)  # or there is no array of it
        shape = _checked_shape(path, shape)
        charge(path, shape, dtype)
        if puts_off(initializer):
            return np.broadcast_to(np.zeros((), dtypes.numpy_dtype(dtype)), shape)
        value = as_array(initializer(shape, dtype=dtype), f"variable {path!r}: initializer", dtype)
        if value.shape != shape:
            raise ValueError(
                f"variable {path!r}: expected its initializer to return shape {shape}; received {value.shape}"
            )
        return value
    if dtype is None and isinstance(initializer, (int, float)) and not isinstance(initializer, bool):
        dtype = config.floatx() if isinstance(initializer, float) else "int32"
    dtype = None if dtype is None else dtypes.standardize_dtype(dtype)
    value = as_array(initializer, f"variable {path!r}: initial value", dtype)
    if shape is not None and tuple(shape) != value.shape:
        raise ValueError(
            f"variable {path!r}: expected an initial value of shape {tuple(shape)}; received {value.shape}"
        )
    return value


def _checked_shape(path, shape):
    shape = tuple(shape) if isinstance(shape, (list, tuple)) else (shape,)
    if any(not isinstance(n, (int, np.integer)) or n < 0 for n in shape):
        raise ValueError(f"variable {path!r}: expected a shape of known sizes; received {shape}")
    return tuple(int(n) for n in shape)
