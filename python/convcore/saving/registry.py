"""Names that users give to their own classes and functions, so that files may refer to them."""

import inspect
import threading

_registered: dict[str, object] = {}
_names: dict[object, str] = {}
_scopes = threading.local()


def register_keras_serializable(package="Custom", name=None):
    """Decorator that lets saved files refer to a class or function as ``package>name``.

    Args:
        package: First part of the name.
        name: Second part; the object's own name when None.

    Example:

    >>> from convcore.saving import get_registered_name, register_keras_serializable
    >>> @register_keras_serializable(package="docs")
    ... def cube(x):
    ...     return x * x * x
    >>> get_registered_name(cube)
    'docs>cube'
    """

    def decorate(thing):
        if inspect.isclass(thing) and not hasattr(thing, "get_config"):
            raise ValueError(
                "register_keras_serializable: Cannot register a class that does not have a get_config() "
                f"method. Received: {thing.__name__}"
            )
        full_name = f"{package}>{name if name is not None else thing.__name__}"
        _registered[full_name] = thing
        _names[thing] = full_name
        return thing

    return decorate


def get_registered_name(obj):
    """``package>name`` of a registered class or function, else its own name."""
    if inspect.isclass(obj):  # a functional model's class is made of the one that the user wrote
        obj = vars(obj).get("_written_class", obj)
    try:
        return _names.get(obj, obj.__name__)
    except TypeError:
        return obj.__name__


def get_registered_object(name, custom_objects=None, module_objects=None):
    """The class or function known as `name`, or None.

    Looked up in the open scopes, the registry, `custom_objects` and `module_objects`, in this order.
    """
    if not isinstance(name, str):
        return None
    for table in (*reversed(_stack()), _registered, custom_objects or {}, module_objects or {}):
        if name in table:
            return table[name]
    return None


def get_custom_objects():
    """The process-wide dictionary of registered names; entries may be added to it."""
    return _registered


def is_registered(thing):
    """Whether `thing` was given a name by register_keras_serializable."""
    try:
        return thing in _names
    except TypeError:
        return False


def _stack():
    if not hasattr(_scopes, "stack"):
        _scopes.stack = []
    return _scopes.stack


class CustomObjectScope:
    """Names known inside a ``with`` block.

    Args:
        custom_objects: Dictionary of name -> class or function.
    """

    def __init__(self, custom_objects=None):
        if custom_objects is not None and not isinstance(custom_objects, dict):
            raise ValueError(
                f"custom_objects: expected a dict of name -> class or function; received {custom_objects!r}"
            )
        self.custom_objects = dict(custom_objects or {})

    def __enter__(self):
        _stack().append(self.custom_objects)
        return self

    def __exit__(self, *exception):
        _stack().pop()


custom_object_scope = CustomObjectScope
