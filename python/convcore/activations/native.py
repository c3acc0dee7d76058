"""Activations that are compiled code of the user's own."""

import ctypes
import os
from typing import Any

from .. import _core
from ..core.dispatch import apply, find_operation, operation
from ..core.naming import to_camel_case
from ..ops.promotion import float_tensor

# What the registered addresses belong to, which must stay loaded.
_KEPT: list[Any] = []


def register_native(name: str, library: Any = None, *, value: Any = None, derivative: Any = None) -> Any:
    """Makes compiled functions an activation, which runs and trains wherever it is named: in layers, in files
    of models, and in C++ programs that register the same functions under the same name.

    A function has the C type `void (const float* x, float* y, size_t n)` and writes one result for each of n
    elements; `convcore/activation.h` says what it may do.

    Args:
        name: The name in layers and files, a Python identifier that is not that of another activation.
        library: The path of a shared library, or a `ctypes.CDLL`, that exports the functions `name` and
            `{name}_derivative`.
        value, derivative: Instead of a library, two functions of `ctypes`. Without a derivative (or where the
            library does not export it) models predict, but do not train.

    Returns:
        The activation: it takes float32 tensors, as the other functions of this module do.

    Raises:
        ValueError: The name is taken or no identifier, or there is no such function.
        OSError: The library cannot be loaded.
    """
    where = f"register_native: {name!r}"
    if not isinstance(name, str) or not name.isidentifier() or not name.isascii():
        raise ValueError(f"{where}: expected a name that is an identifier")
    if (library is None) == (value is None):
        raise ValueError(f"{where}: expected a library, or value= and derivative=; received both or neither")
    if library is not None:
        value, derivative = _exported(library, name, where)
    known = _known(name, where)
    _core.register_activation(name, _address(value, where), _address(derivative, where))
    _KEPT.extend((value, derivative))
    return known or _activation(name)


def _exported(library, name, where):
    if isinstance(library, (str, os.PathLike)):
        library = ctypes.CDLL(os.path.abspath(library))
    found = getattr(library, name, None)
    if found is None:
        raise ValueError(
            f"{where}: expected a library that exports a function {name!r}; received {library!r}"
        )
    return found, getattr(library, f"{name}_derivative", None)


def _address(function, where):
    if function is None:
        return 0
    try:
        return ctypes.cast(function, ctypes.c_void_p).value or 0
    except (TypeError, ctypes.ArgumentError):
        raise ValueError(f"{where}: expected a function of ctypes; received {function!r}") from None


def _known(name, where):
    """The activation registered here under that name, or None; names of others are refused."""
    from ..saving import get_custom_objects
    from . import _BY_NAME

    found = get_custom_objects().get(name)
    if name in _BY_NAME or (found is None and find_operation(to_camel_case(name)) is not None):
        raise ValueError(f"{where}: expected a name that is free; this one is built in")
    if found is not None and getattr(found, "__module__", None) != __name__:
        raise ValueError(f"{where}: expected a name that is free; received that of {found!r}")
    return found


def _activation(name):
    def activation(x):
        return apply("native_activation", float_tensor(x), function=name)

    activation.__name__ = activation.__qualname__ = name
    activation.__doc__ = f"The compiled activation {name!r}, of float32 tensors."
    from ..saving import get_custom_objects

    get_custom_objects()[name] = made = operation(activation)
    return made
