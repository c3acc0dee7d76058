"""Finds arguments that convcore accepts and never reads, in the source of its public functions and classes.

An argument is read if the body of the function or `__init__` uses it for more than keeping it as an
attribute, or if the attribute that it is kept in is read by another method of the class or its neighbours.
What only `get_config` and `__init__` touch is not read.
"""

from __future__ import annotations

import ast
import functools
import inspect
from pathlib import Path

import convcore

PACKAGE = Path(convcore.__file__).resolve().parent
_SILENT = ("get_config", "__init__")
_STARRED = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


@functools.cache
def _tree(file: str) -> ast.Module:
    return ast.parse(Path(file).read_text(encoding="utf-8"))


def _definition(function) -> ast.FunctionDef | None:
    """The syntax of a function of this package, else None."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None or not code.co_filename.startswith(str(PACKAGE)):
        return None
    for node in ast.walk(_tree(code.co_filename)):
        if not isinstance(node, ast.FunctionDef) or node.name != code.co_name:
            continue
        if code.co_firstlineno in (node.lineno, *(d.lineno for d in node.decorator_list)):
            return node
    return None


def _parameters(node: ast.FunctionDef) -> set[str]:
    return {a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}


def _uses(node: ast.AST, name: str) -> int:
    return sum(
        isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load) for n in ast.walk(node)
    )


def _assignments(node: ast.FunctionDef):
    """(target, value) of every assignment, tuples taken apart."""
    for n in ast.walk(node):
        if isinstance(n, ast.Assign):
            target, value = n.targets[0], n.value
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                yield from zip(target.elts, value.elts, strict=True)
            else:
                yield target, value


class _AttributeReads(ast.NodeVisitor):
    """The attributes that code reads, and the ends of names that it makes for getattr()."""

    def __init__(self):
        self.names: set[str] = set()
        self.endings: set[str] = set()

    def visit_FunctionDef(self, node):
        if node.name not in _SILENT:
            self.generic_visit(node)

    def visit_Attribute(self, node):
        if isinstance(node.ctx, ast.Load):
            self.names.add(node.attr)
        self.generic_visit(node)

    def visit_Call(self, node):
        if isinstance(node.func, ast.Name) and node.func.id == "getattr":
            name = node.args[1]
            if isinstance(name, ast.Constant):
                self.names.add(name.value)
            elif isinstance(name, ast.JoinedStr) and isinstance(name.values[-1], ast.Constant):
                self.endings.add(name.values[-1].value)
        self.generic_visit(node)


@functools.cache
def _reads_of(folder: str) -> _AttributeReads:
    reads = _AttributeReads()
    for file in sorted(Path(folder).glob("*.py")):
        reads.visit(_tree(str(file)))
    return reads


def _kept_attribute_is_read(attribute: str, folders: set[str]) -> bool:
    for folder in folders:
        reads = _reads_of(folder)
        if attribute in reads.names or any(attribute.endswith(end) for end in reads.endings):
            return True
    return False


def _read_by_init(node: ast.FunctionDef, name: str, folders: set[str]) -> bool:
    kept, in_assignments = [], 0
    for target, value in _assignments(node):
        if isinstance(target, ast.Attribute) and _uses(value, name):
            kept.append(target.attr)
            in_assignments += _uses(value, name)
    if _uses(node, name) > in_assignments:
        return True
    return any(_kept_attribute_is_read(attribute, folders) for attribute in kept)


def unread(thing) -> list[str]:
    """The arguments of a public function or class that nothing reads."""
    if not inspect.isclass(thing):
        node = _definition(thing)
        return [] if node is None else sorted(name for name in _parameters(node) if not _uses(node, name))
    if issubclass(thing, BaseException):
        return []
    own = [cls for cls in thing.__mro__ if cls.__module__.partition(".")[0] == "convcore"]
    sources = [inspect.getsourcefile(cls) for cls in own if cls.__module__ != "convcore._core"]
    folders = {str(Path(source).parent) for source in sources if source}
    found = []
    for name, parameter in inspect.signature(thing).parameters.items():
        inits = [_definition(cls.__dict__["__init__"]) for cls in own if "__init__" in cls.__dict__]
        takers = [node for node in inits if node is not None and name in _parameters(node)]
        if parameter.kind in _STARRED or not takers:
            continue
        if not any(_read_by_init(node, name, folders) for node in takers):
            found.append(name)
    return found
