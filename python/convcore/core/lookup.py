"""How losses, metrics and optimizers are found: by name, configuration, class or object, in one closed table
per kind.
"""

import inspect

from .suggestions import did_you_mean


def resolve(kind, identifier, table, custom_objects=None):
    """Returns the object that `identifier` means, or None for None.

    A string is looked up in `table` (classes are then called without arguments), a dict is deserialised, a
    class is instantiated and any other callable or object is returned as it is.
    """
    if identifier is None:
        return None
    if isinstance(identifier, dict):
        found = restore(kind, identifier, table, custom_objects)
    elif isinstance(identifier, str):
        found = (custom_objects or {}).get(identifier) or registered(identifier) or table.get(identifier)
    else:
        found = identifier
    if inspect.isclass(found):
        found = found()
    if not callable(found) and not hasattr(found, "get_config"):
        raise ValueError(unknown(kind, identifier, table))
    return found


def restore(kind, config, table, custom_objects=None):
    """Rebuilds an object of `table` from `{"class_name", "config"}`; anything else goes to the general
    deserialiser.
    """
    name = config.get("class_name")
    inner = config.get("config")
    custom = custom_objects or {}
    if name == "function" and isinstance(inner, str):
        found = custom.get(inner) or registered(inner) or table.get(inner)
        if found is None:
            raise ValueError(unknown(kind, inner, table))
        return found
    own = name in table and config.get("registered_name") in (None, name)
    if own and name not in custom and inspect.isclass(table[name]):
        return table[name].from_config(dict(inner or {}))
    from ..saving import deserialize_keras_object

    return deserialize_keras_object(config, custom_objects=custom_objects)


def registered(name):
    """The object that the user registered under `name`, or None."""
    from ..saving import get_custom_objects, get_registered_object

    return get_custom_objects().get(name) or get_registered_object(name)


def unknown(kind, identifier, table):
    names = sorted(name for name in table if name[:1].islower())
    return (
        f"Could not interpret {kind} identifier. Expected one of {', '.join(names)}, a class name, a "
        f"configuration, or an object. Received: {identifier!r}.{did_you_mean(identifier, names)}"
    )
