"""Writes python/convcore/_core.pyi: what type checkers and editors know about the extension.

    PYTHONPATH=python python cpp/bindings/stub.py          # writes the file
    PYTHONPATH=python python cpp/bindings/stub.py --check  # fails if the file is not up to date

The classes are written here by hand; the list of ops comes from the registry.
"""

from __future__ import annotations

import sys
from pathlib import Path

from convcore import _core

STUB = Path(__file__).resolve().parents[2] / "python" / "convcore" / "_core.pyi"

CLASSES = '''\
# Written by cpp/bindings/stub.py from the op registry: do not edit.
from collections.abc import Hashable, Iterable, Sequence
from typing import Any, Literal, TypeAlias, TypedDict

import numpy as np

Array: TypeAlias = np.ndarray[Any, Any]
Shape: TypeAlias = tuple[int | None, ...]

class Error(ValueError): ...
class ModelFormatError(Error): ...

class Variable:
    """State that outlives a run, shared with NumPy."""

    def __init__(self, dtype: str, shape: Iterable[int], name: str = "") -> None: ...
    @property
    def name(self) -> str: ...
    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def dtype(self) -> str: ...
    @property
    def array(self) -> Array:
        """The memory itself, writable; after writing call touch()."""
    def touch(self) -> None:
        """Tells that the content changed: packed copies of it are made again."""

class Value(Hashable):
    """One value of one graph."""

    @property
    def shape(self) -> Shape: ...
    @property
    def dtype(self) -> str: ...
    @property
    def graph(self) -> Graph: ...
    @property
    def id(self) -> int: ...
    def __hash__(self) -> int: ...
    # Attached by the Python package (core/trace.py).
    def __getattr__(self, name: str) -> Any: ...
    def __setattr__(self, name: str, value: Any) -> None: ...
OPERATORS
class Graph:
    """What a model computes, before anyone decides how."""

    scope: str
    def __init__(self) -> None: ...
    def input(self, dtype: str, shape: Iterable[int | None], name: str = "") -> Value: ...
    def variable(self, variable: Variable) -> Value: ...
    def constant(self, array: Array) -> Value: ...
    def scalar(self, value: float, dtype: str = "float32") -> Value: ...
    def emit(
        self, op: str, inputs: Iterable[Value], attrs: dict[str, Any] = {}
    ) -> tuple[Value, ...]:
        """Adds a node; returns its outputs."""
    def output(self, value: Value) -> None: ...
    def update(self, variable: Variable, value: Value) -> None:
        """The variable takes this value after the run; all reads see the old one."""
    def gradients(self, loss: Value, wrt: Iterable[Value]) -> list[Value | None]:
        """d loss / d wrt[i]; None where there is none."""

class StepProfile(TypedDict):
    op: str
    scope: str
    implementation: str
    output: str
    milliseconds: float
    operations: float
    bytes: float

class Function:
    """A graph that can be called; plans are cached by input shapes."""

    def __init__(self, graph: Graph) -> None: ...
    def __call__(self, *arrays: Array) -> list[Array]:
        """Runs on C-contiguous arrays of exactly the declared dtypes; returns new arrays."""
    def explain(self, *shapes: Iterable[int]) -> str: ...
    def seconds(self, *arrays: Array, repeats: int = 10) -> float: ...
    def measure_choices(self, *arrays: Array) -> list[dict[str, Any]]: ...
    def profile(self, *arrays: Array, repeats: int = 10) -> list[StepProfile]: ...
    def arena_bytes(self, *shapes: Iterable[int]) -> int: ...
    def memory(self, *shapes: Iterable[int]) -> dict[str, int]: ...

class Model:
    """A model file, loaded."""

    @staticmethod
    def load(path: str) -> Model: ...
    def functions(self) -> list[str]: ...
    def inputs(self, function: str) -> list[tuple[str, str, Shape]]: ...
    def outputs(self, function: str) -> list[tuple[str, str, Shape]]: ...
    def run(self, function: str, *arrays: Array) -> list[Array]:
        """Runs on C-contiguous arrays of exactly the declared dtypes."""
    def variables(self) -> list[tuple[str, str, Shape]]: ...
    def variable(self, name: str) -> Array: ...
    def save(self, path: str) -> None: ...
    def verify(self) -> dict[str, Any]: ...
    def explain(self, function: str, *arrays: Array) -> str: ...

def write_model_file(
    path: str,
    variables: Sequence[tuple[str, Variable]],
    functions: Sequence[tuple[str, Function, Sequence[str], Sequence[str]]],
    sample: tuple[str, Sequence[Array], Sequence[Array]] | None = None,
) -> None: ...

class OpInfo(TypedDict):
    name: OpName
    inputs: list[str]
    doc: str
    attributes: list[tuple[str, Any]]
    differentiable: bool
    elementwise: bool

def run_op(op: str, arrays: Sequence[Array], attrs: dict[str, Any] = {}) -> tuple[Array, ...]: ...
def ops() -> list[OpInfo]: ...
def set_num_threads(n: int) -> None: ...
def num_threads() -> int: ...
def peak_operations() -> float: ...
def has_bfloat16() -> bool: ...
def all_finite(array: Any) -> bool: ...
def set_precision(level: int) -> None: ...
def precision() -> int: ...
def register_activation(name: str, value: int, derivative: int) -> None: ...
def choices() -> dict[str, str]: ...
def set_choices(choices: dict[str, str]) -> None: ...
def isa() -> str: ...
def available_isas() -> list[str]: ...

# Every op: inputs, attributes with their defaults, what it computes.
'''

BINARY = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or"]
OPERATORS = "".join(
    [f"    def __{prefix}{name}__(self, other: Any) -> Any: ...\n" for name in BINARY for prefix in ("", "r")]
    + [f"    def __{name}__(self, other: Any) -> Any: ...\n" for name in ("lt", "le", "gt", "ge", "getitem")]
    + [f"    def __{name}__(self) -> Any: ...\n" for name in ("neg", "pos", "abs", "invert")]
)


def signature(op: _core.OpInfo) -> str:
    inputs = ", ".join(op["inputs"])
    attributes = ", ".join(f"{name}={default!r}" for name, default in op["attributes"])
    return f"{op['name']}({inputs}{'; ' if attributes else ''}{attributes})"


def text() -> str:
    lines = [f"#   {signature(op)}: {op['doc']}" for op in _core.ops()]
    names = "".join(f'    "{op["name"]}",\n' for op in _core.ops())
    return (
        CLASSES.replace("OPERATORS\n", OPERATORS + "\n")
        + "\n".join(lines)
        + f"\nOpName: TypeAlias = Literal[\n{names}]\n"
    )


def main() -> int:
    if "--check" in sys.argv[1:]:
        if STUB.exists() and STUB.read_text() == text():
            return 0
        print(f"{STUB}: not up to date; run: PYTHONPATH=python python cpp/bindings/stub.py", file=sys.stderr)
        return 1
    STUB.write_text(text())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
