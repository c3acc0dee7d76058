"""Writes docs/keras-coverage.md: the public names and arguments of Keras beside those of convcore.

    PYTHONPATH=python python docs/keras_coverage.py          # writes the page
    PYTHONPATH=python python docs/keras_coverage.py --check  # fails if the page is not up to date

Both libraries are imported; nothing on the page is written by hand but the reasons in
`keras_coverage_notes.py`. It also fails if a name that every convolutional network may need is absent, or if
an argument that nothing reads has no reason in the notes.
"""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "numpy"  # some arguments differ between Keras's backends
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import convcore
import keras
import written_page
from keras_coverage_notes import FAMILIES, NEEDED, OUT_OF_SCOPE, UNREAD, UNUSUAL
from unread_arguments import unread

PAGE = Path(__file__).resolve().parent / "keras-coverage.md"
_EMPTY = inspect.Parameter.empty


def room(root, path: str):
    """The module of a dotted path below a package, or None."""
    found = root
    for part in path.split(".") if path else []:
        try:
            found = getattr(found, part)
        except AttributeError:
            try:
                found = importlib.import_module(f"{found.__name__}.{part}")
            except ImportError:
                return None
    return found


def public(module) -> list[str]:
    return sorted((name for name in dir(module) if not name.startswith("_")), key=str.lower)


def parameters(thing) -> dict | None:
    """Name -> parameter, without self and without stars; None where there is no signature.

    Of a class, those of its constructor: releases of Python differ about one that is inherited.
    """
    if not callable(thing):
        return None
    try:
        stated = hasattr(thing, "__signature__") or not isinstance(thing, type)
        constructor = not stated and inspect.isfunction(thing.__init__)
        signature = inspect.signature(thing.__init__ if constructor else thing)
    except (TypeError, ValueError):
        return None
    starred = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    listed = list(signature.parameters.items())[1 if constructor else 0 :]
    return {name: p for name, p in listed if p.kind not in starred}


def same_default(a, b) -> bool:
    """Whether two defaults mean the same; one number stands for one on every axis."""
    if a is _EMPTY or b is _EMPTY:
        return a is b
    for one, other in ((a, b), (b, a)):
        if isinstance(one, tuple) and isinstance(other, int) and one:
            return all(same_default(item, other) for item in one)
    return repr(a) == repr(b)


def shown(default) -> str:
    return "none" if default is _EMPTY else f"`{default!r}`"


def differences(theirs: dict, ours: dict) -> list[str]:
    """What of the arguments differs, in words."""
    found = []
    absent = [f"`{name}`" for name in theirs if name not in ours]
    extra = [f"`{name}`" for name in ours if name not in theirs]
    if absent:
        found.append(f"absent: {', '.join(absent)}")
    if extra:
        found.append(f"more: {', '.join(extra)}")
    for name in theirs:
        if name in ours and not same_default(theirs[name].default, ours[name].default):
            found.append(
                f"default of `{name}`: {shown(ours[name].default)}, not {shown(theirs[name].default)}"
            )
    common = [name for name in theirs if name in ours]
    if common != [name for name in ours if name in theirs]:
        found.append("another order")
    return found


def reason(path: str, name: str) -> str | None:
    """Why a name is deliberately out of scope, or None."""
    full = f"{path}.{name}" if path else name
    for text, names in OUT_OF_SCOPE.items():
        if full in names or f"{path}.*" in names:
            return text
    return None


def family(path: str) -> tuple[list[str], tuple[int, int, int]]:
    """(lines, (present, absent, out of scope)) of one module."""
    theirs, ours = room(keras, path), room(convcore, path)
    same, differing, absent, outside = [], [], [], {}
    for name in public(theirs):
        thing = getattr(theirs, name)
        if inspect.ismodule(thing) and (path or name in FAMILIES or name in ("src", "legacy")):
            continue
        own = getattr(ours, name, None) if ours is not None else None
        why = reason(path, name)
        if own is None and why:
            outside.setdefault(why, []).append(f"`{name}`")
        elif own is None:
            arguments = ", ".join(parameters(thing) or ())
            absent.append(f"`{name}({arguments})`" if callable(thing) else f"`{name}`")
        else:
            given, taken = parameters(thing), parameters(own)
            parts = differences(given, taken) if given is not None and taken is not None else []
            if parts:
                differing.append(f"| `{name}` | {'; '.join(parts)} |")
            else:
                same.append(f"`{name}`" if not given else f"`{name}` ({len(given)})")
    counts = (len(same) + len(differing), len(absent), sum(map(len, outside.values())))
    lines = ["", f"## {'keras.' + path if path else 'keras'}", ""]
    if same:
        lines += ["With Keras's arguments, in order (their number): " + ", ".join(same) + ".", ""]
    if differing:
        lines += ["| name | arguments that differ |", "|---|---|", *differing, ""]
    if absent:
        lines += ["Absent: " + ", ".join(absent) + ".", ""]
    lines += [f"Out of scope, {why}: {', '.join(names)}." for why, names in outside.items()]
    while lines[-1] == "":
        lines.pop()
    return lines, counts


def own_things():
    """(dotted name, object) of every public function and class of convcore in these modules."""
    seen = set()
    for path in FAMILIES:
        module = room(convcore, path)
        later = getattr(module, "__all__", ())  # what is loaded at first use, `dir` does not tell
        for name in sorted({*public(module), *later}, key=str.lower) if module is not None else ():
            thing = getattr(module, name)
            own = callable(thing) and str(getattr(thing, "__module__", "")).startswith("convcore")
            if own and id(thing) not in seen:
                seen.add(id(thing))
                yield f"{path}.{name}" if path else name, thing


def unread_arguments() -> list[str]:
    """Rows for the arguments that nothing reads; a missing reason ends the program."""
    rows: dict = {}
    unexplained = []
    for name, thing in own_things():
        for argument in unread(thing) if inspect.isroutine(thing) or inspect.isclass(thing) else ():
            why = UNREAD.get(f"{name}({argument})") or UNREAD.get(argument)
            if why is None:
                unexplained.append(f"{name}({argument})")
            rows.setdefault((argument, why), []).append(f"`{name}`")
    if unexplained:
        raise SystemExit(f"arguments that are accepted and nothing reads: {', '.join(unexplained)}")
    return [f"| `{argument}` | {', '.join(names)} | {why} |" for (argument, why), names in rows.items()]


def check_needed() -> None:
    for path, names in NEEDED.items():
        module = room(convcore, path)
        absent = [name for name in names.split() if getattr(module, name, None) is None]
        if absent:
            raise SystemExit(f"convcore.{path}: needed and absent: {', '.join(absent)}")


def page() -> str:
    check_needed()
    lines = [
        "# Keras's names in convcore",
        "",
        "Written by `docs/keras_coverage.py` from both libraries: do not edit. The names are those of Keras",
        f"{keras.__version__}. A number in brackets counts the arguments, which have the same names, order",
        "and defaults.",
        "",
        "| module | present | absent | out of scope |",
        "|---|---|---|---|",
    ]
    families = [(path, *family(path)) for path in FAMILIES]
    for path, _, counts in families:
        lines.append(
            f"| `{'keras.' + path if path else 'keras'}` | {counts[0]} | {counts[1]} | {counts[2]} |"
        )
    totals = [sum(counts[i] for _, _, counts in families) for i in range(3)]
    lines.append("| all | {} | {} | {} |".format(*totals))
    lines += ["", "## Arguments", ""]
    lines += [
        "Of these arguments not every value of Keras's is taken; the others are refused with an error:",
        "",
    ]
    lines += ["| argument | taken |", "|---|---|", *(f"| {name} | {text} |" for name, text in UNUSUAL), ""]
    lines += [
        "These are all the arguments that nothing reads (`docs/unread_arguments.py` looks through the source",
        "of every public function and class); every other argument has an effect:",
        "",
        "| argument | of | why |",
        "|---|---|---|",
        *unread_arguments(),
    ]
    for _, text, _ in families:
        lines += text
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(written_page.run("keras_coverage.py", PAGE, page()))
