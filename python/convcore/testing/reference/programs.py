"""Chains of elementwise functions as the core writes them, and functions of compiled code.

A program is the text `"multiply 0 #0.5;add 3 1;tanh 4|4,5"`: instructions of a function and its operands,
which are registers (the inputs first, then one for each instruction) or, after #, numbers; behind | the
registers that are results.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from .elementwise import BINARY, UNARY

# what an instruction may say: the scalar functions, of numbers alone
_FUNCTIONS = {
    **UNARY,
    **BINARY,
    "where": lambda condition, a, b: np.where(condition != 0, a, b),
    "clip": lambda x, low, high: np.minimum(np.maximum(x, low), high),
    "cast": lambda x, to_bool: np.where(to_bool != 0, x != 0, x),
}


def run_program(text, inputs):
    """The results of a program of float64 inputs; truth values are 0 and 1 in it."""
    registers = [np.asarray(x, np.float64) for x in inputs]
    instructions, _, results = text.partition("|")
    for instruction in filter(None, instructions.split(";")):
        name, *words = instruction.split(" ")
        operands = [np.float64(w[1:]) if w.startswith("#") else registers[int(w)] for w in words]
        registers.append(np.asarray(_FUNCTIONS[name](*operands), np.float64))
    shape = np.broadcast_shapes(*[x.shape for x in inputs])
    return [np.broadcast_to(registers[int(i)], shape) for i in results.split(",")]


def fused_elementwise(*xs, program=""):
    """The results of the program, all of the shape that the inputs broadcast to."""
    results = run_program(program, xs)
    return results[0] if len(results) == 1 else tuple(results)


def activated(y, activation):
    """y after the attribute "activation": "linear", the name of a function of one operand, or a program of
    one input and one result."""
    if activation == "linear":
        return y
    return run_program(activation if " " in activation else f"{activation} 0|1", [y])[0]


# What `native_activation` finds: a name and, in NumPy, the function and its derivative.
NATIVE: dict[str, tuple[Callable[..., Any], Callable[..., Any] | None]] = {}


def native_activation(x, function="", derivative=False):
    """A function of the user's own compiled code; `NATIVE[name] = (function, derivative)` says it in NumPy.

    Raises:
        ValueError: NATIVE has no such name, or no derivative for it.
    """
    if function not in NATIVE:
        known = ", ".join(NATIVE) or "there are none"
        raise ValueError(
            f"reference: native_activation: expected a name in reference.NATIVE ({known}); received "
            f"{function!r}. Put NumPy functions of its value and derivative there."
        )
    value, slope = NATIVE[function]
    if not derivative:
        return value(x)
    if slope is None:
        raise ValueError(
            f"reference: native_activation: expected the derivative of {function!r}; received None"
        )
    return slope(x)


OPS = {"fused_elementwise": fused_elementwise, "native_activation": native_activation}
