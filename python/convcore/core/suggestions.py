"""Names that a user may have meant, for messages: the nearest of those that exist."""

import importlib
import inspect
import sys

from . import out_of_scope


def did_you_mean(name, names):
    """The sentence " Did you mean 'relu'?" with the nearest of `names`, at most three, or an empty string.

    Near is a name that differs in capitals and underscores alone, that begins with `name` (`BatchNorm`),
    that has its words (`sparse_crossentropy`) or their initials (`lr`), or that `difflib` finds similar.
    """
    if not isinstance(name, str) or not name.strip("_ "):
        return ""
    same_kind = [x for x in sorted(set(names)) if x[:1].isupper() == name[:1].isupper()]
    near = _near(name, same_kind) or _near(name, sorted(set(names)))
    if not near:
        return ""
    *first, last = (repr(x) for x in near)
    return f" Did you mean {', '.join(first) + ' or ' if first else ''}{last}?"


def _near(name, names):
    import difflib  # only where a message is made: importing it takes longer than all the rest here

    key, words = _key(name), name.split("_")
    rules = (
        lambda x: _key(x) == key,
        lambda x: len(key) > 1 and _key(x).startswith(key),
        lambda x: len(words) > 1 and set(words) <= set(x.split("_")),
        lambda x: "_" in x and "".join(word[:1] for word in x.split("_")) == name,
    )
    for rule in rules:
        found = [x for x in names if rule(x)]
        if found:
            return sorted(found, key=len)[:3]
    keys = {_key(x): x for x in names}
    return [keys[k] for k in difflib.get_close_matches(key, keys, 1, 0.7)]


def _key(name):
    return name.replace("_", "").strip().lower()


def arguments_of(cls):
    """The names of all arguments that the constructors of `cls` and its bases take."""
    names: set[str] = set()
    for base in cls.__mro__:
        init = base.__dict__.get("__init__")
        if inspect.isfunction(init):
            names.update(inspect.signature(init).parameters)
    return names - {"self", "args", "kwargs"}


def public_names(module):
    """What a module offers: its `__all__`, or all that it holds but modules."""
    return getattr(module, "__all__", None) or [
        name for name, value in vars(module).items() if name[0] != "_" and not inspect.ismodule(value)
    ]


def suggest_names(module):
    """Gives a package a `__getattr__` whose error names what is near the attribute that it lacks."""

    def __getattr__(name):
        raise missing_attribute(module, name)

    setattr(sys.modules[module], "__getattr__", __getattr__)  # noqa: B010 (mypy still knows the names)


def missing_attribute(module, name, names=None, elsewhere=()):
    """The AttributeError for a name that a module lacks.

    It tells what is near, of `names()` or of all that the module offers, or which of the modules `elsewhere`
    has the name.
    """
    message = f"module {module!r} has no attribute {name!r}"
    if name.startswith("_"):
        return AttributeError(message)
    return _MissingAttribute(message, lambda: _hint(module, name, names, elsewhere))


class _MissingAttribute(AttributeError):
    """An AttributeError that looks for its hint when it is shown: `from package import submodule` raises one
    and throws it away.
    """

    def __init__(self, message, hint):
        super().__init__(message)
        self._hint = hint

    def __str__(self):
        return super().__str__() + self._hint()


# so that tracebacks show it as what it is to users
_MissingAttribute.__module__, _MissingAttribute.__qualname__ = "builtins", "AttributeError"


def _hint(module, name, names, elsewhere):
    why = out_of_scope.reason(module, name)
    if why is not None:
        return f": Keras's {name} is out of scope: {why}."
    homes = [home for home in elsewhere if name in public_names(importlib.import_module(home))]
    if homes:
        return f". It is {homes[0]}.{name}."
    near = did_you_mean(name, public_names(sys.modules[module]) if names is None else names())
    return "." + near if near else ""
