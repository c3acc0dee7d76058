"""Docstrings of layers of one to three axes: what their common base says, with the layer's own axes."""

import inspect
import re

# rank -> the spatial axes
SIZES = {1: "steps", 2: "height, width", 3: "depth, height, width"}


def complete(cls):
    """Replaces "see `Base` for the arguments" in the docstring of `cls` by what `Base` says from "Args:" on.

    There `{sizes}` becomes the spatial axes of `cls.rank`, `{rank}` their number and `{ints}` "2 ints".
    An example, or whatever else the docstring of `cls` has, comes last.
    """
    text = cls.__dict__.get("__doc__")
    found = re.search(r"; see `(\w+)` for the arguments", text or "")
    if not found:
        return
    base = next(c for c in cls.__mro__ if c.__name__ == found.group(1))
    arguments = inspect.cleandoc(base.__doc__ or "")
    arguments = arguments[arguments.index("Args:") :]
    rank = cls.rank
    words = {"sizes": SIZES[rank], "rank": str(rank), "ints": f"{rank} ints" if rank > 1 else "1 int"}
    for name, word in words.items():
        arguments = arguments.replace(f"{{{name}}}", word)
    summary, _, rest = inspect.cleandoc(text.replace(found.group(0), "", 1)).partition("\n\n")
    cls.__doc__ = "\n\n".join(part for part in (summary, arguments, rest) if part)
