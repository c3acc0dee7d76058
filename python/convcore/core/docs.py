"""Docstrings that tell of every argument: what a base says of its own is said of its subclasses too."""

import inspect
import re

# rank -> the spatial axes
SIZES = {1: "steps", 2: "height, width", 3: "depth, height, width"}

SECTION = re.compile("(Raises|Returns|Shapes|Example|Input shape|Output shape|Weights|Call arguments):")


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


def inherit_arguments(cls):
    """Adds to the docstring of `cls` what its bases say of arguments that it takes and does not tell of."""
    text = inspect.cleandoc(cls.__dict__.get("__doc__") or "")
    if not text:
        return
    untold = set(inspect.signature(cls).parameters).difference(re.findall(r"\w+", text))
    if not untold:
        return
    added = []
    for base in cls.__mro__[1:]:
        for names, entry in _entries(base.__dict__.get("__doc__") or ""):
            if untold.intersection(names):
                untold.difference_update(names)
                added += entry
    if added:
        cls.__doc__ = "\n".join(_with_arguments(text.split("\n"), added))


def _with_arguments(lines, added):
    """The lines of a docstring with `added` in its section "Args:", which comes before other sections."""
    if "Args:" in lines:
        end = lines.index("Args:") + 1
        while end < len(lines) and lines[end].startswith(" "):
            end += 1
        return [*lines[:end], *added, *lines[end:]]
    end = next((i for i, line in enumerate(lines) if SECTION.match(line)), None)
    if end is None:
        return [*lines, "", "Args:", *added]
    return [*lines[:end], "Args:", *added, "", *lines[end:]]


def _entries(text):
    """(names, lines) of each argument in the section "Args:" of a docstring."""
    lines = iter(inspect.cleandoc(text).split("\n"))
    found: list[tuple[list[str], list[str]]] = []
    for line in lines:
        if line == "Args:":
            break
    for line in lines:
        if not line.startswith("    "):
            break
        head = re.match(r"    ([a-z]\w*(?:, [a-z]\w*)*):", line)
        if head:
            found.append((head.group(1).split(", "), [line]))
        elif found:
            found[-1][1].append(line)
    return found
