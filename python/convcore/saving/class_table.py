"""The closed table of names that a file may use: what convcore exports, and nothing else."""

import functools
import importlib
import inspect

# public module -> its name in a file of Keras's; a bare class name is looked up in this order
_MODULES = {
    "layers": "keras.layers",
    "models": "keras",
    "initializers": "keras.initializers",
    "regularizers": "keras.regularizers",
    "constraints": "keras.constraints",
    "activations": "keras.activations",
    "losses": "keras.losses",
    "metrics": "keras.metrics",
    "optimizers": "keras.optimizers",
    "optimizers.schedules": "keras.optimizers.schedules",
    "dtype_policies": "keras",
    "random": "keras.random",
    "applications.convnext": "keras.src.applications.convnext",
    "applications.inception_resnet_v2": "keras.src.applications.inception_resnet_v2",
}
# classes that Keras does not have; their names in files let Keras report them as unknown
_OWN_PREFIXES = ("L2Pooling", "GlobalL2Pooling", "L2Pool", "GlobalL2Pool")
_FUNCTION_MODULES = ("activations", "losses", "metrics")
_TOOLS = ("get", "serialize", "deserialize")
_OLD_NAMES = {"Model": "Functional"}


@functools.cache
def table(name):
    """{name: class or function} of one public module, which is imported at the first question."""
    try:
        module = importlib.import_module(f"convcore.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"convcore.{name}" and not f"convcore.{name}".startswith(f"{error.name}."):
            raise
        return {}
    public = {key: value for key, value in vars(module).items() if not key.startswith("_")}
    kept = {key: value for key, value in public.items() if _is_object(value, name)}
    if name == "models":
        kept["Functional"] = importlib.import_module("convcore.models.functional").Functional
    return kept


def _is_object(value, module):
    """Classes with a config; functions only where a layer or a loss may name one."""
    if inspect.isclass(value):
        return value.__module__.startswith("convcore.") and hasattr(value, "from_config")
    return module in _FUNCTION_MODULES and inspect.isfunction(value) and value.__name__ not in _TOOLS


def find(class_name, module=None):
    """The public class or function that `class_name` means, or None; `module` chooses between equal names."""
    class_name = _OLD_NAMES.get(class_name, class_name)
    for name in _search_order(module):
        found = table(name).get(class_name)
        if found is not None:
            return found
    return None


def find_class(class_name, module=None):
    """As `find`, for classes only."""
    found = find(class_name, module)
    return found if inspect.isclass(found) else None


def _search_order(module):
    parts = set(module.split(".")) if isinstance(module, str) else set()
    return sorted(_MODULES, key=lambda name: name.split(".")[-1] not in parts)


@functools.cache
def _envelopes():
    """class or function -> (module, registered_name) as Keras writes them."""
    found: dict[object, tuple[str, str | None]] = {}
    for name, module in _MODULES.items():
        for key, value in table(name).items():
            if key == value.__name__:
                own = key.startswith(_OWN_PREFIXES)
                registered = key if name.startswith("applications.") else None
                found.setdefault(
                    value, (f"convcore.{name}", f"convcore>{key}") if own else (module, registered)
                )
    functional = table("models").get("Functional")
    found[functional] = ("keras.src.models.functional", "Functional")
    return found


def envelope_names(thing):
    """(module, registered_name) of a public class or function; None for anything else."""
    return _envelopes().get(thing)


def is_builtin(thing):
    """Whether `thing` is one of convcore's own public classes or functions."""
    return any(table(name).get(thing.__name__) is thing for name in _MODULES)
