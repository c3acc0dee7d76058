"""Functions with a gradient of the user's own."""

import functools
import inspect

from ..core import dtypes
from ..core.dispatch import apply, operation
from ..core.trace import is_tensor
from .promotion import tensor


def custom_gradient(f):
    """A function whose gradient is written by hand.

    ``f(*args)`` returns its result, one tensor, and a function that makes the gradients with respect to
    ``args`` of the one with respect to the result: ``grad(upstream)``, or ``grad(*args, upstream=None)`` as
    in Keras. It returns one tensor for one argument, else a tuple with one per argument, None where there is
    none. Variables that ``f`` reads without having them as arguments get no gradient. Both functions are
    recorded once, with the model; the gradient may be differentiated again.

    Example: a step, through which the gradient passes where the argument is small.

    >>> import numpy as np
    >>> from convcore import ops
    >>> @ops.custom_gradient
    ... def step(x):
    ...     def grad(upstream):
    ...         return ops.where(ops.abs(x) < 1.0, upstream, 0.0)
    ...     return ops.sign(x), grad
    >>> step(np.array([-0.5, 2.0], "float32"))
    array([-1.,  1.], dtype=float32)
    """

    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        return call_with_gradient(functools.partial(f, **kwargs) if kwargs else f, *args)

    return wrapper


@operation
def call_with_gradient(f, *args):
    """The result of ``f(*args)`` with the gradient that it tells: what ``custom_gradient`` calls."""
    result = f(*args)
    if not isinstance(result, (tuple, list)) or len(result) != 2 or not callable(result[1]):
        raise ValueError(
            "custom_gradient: expected a function that returns its result and a function of the gradient; "
            f"received {result!r}"
        )
    y, gradient = result
    if isinstance(y, (tuple, list, dict)):
        raise ValueError(f"custom_gradient: expected a result of one tensor; received {type(y).__name__}")
    if not is_tensor(y) or not dtypes.is_float(y.dtype):
        return y
    upstream = apply("stop_gradient", y)  # a value of its own, in whose place the gradient comes
    pairs = [
        (tensor(x), g) for x, g in zip(args, _made(gradient, upstream, args), strict=True) if g is not None
    ]
    pairs = [(x, tensor(g, str(x.dtype))) for x, g in pairs if is_tensor(x) and dtypes.is_float(x.dtype)]
    for x, g in pairs:
        if len(x.shape) != len(g.shape) or any(
            None not in (n, m) and n != m for n, m in zip(x.shape, g.shape, strict=True)
        ):
            raise ValueError(
                f"custom_gradient: expected a gradient of the shape {tuple(x.shape)} of the argument; "
                f"received {tuple(g.shape)}"
            )
    return apply("custom_gradient", y, upstream, *[x for x, _ in pairs], *[g for _, g in pairs])


def _made(gradient, upstream, args):
    """What the user's function makes of the gradient, one entry per argument."""
    named = "upstream" in inspect.signature(gradient).parameters
    made = gradient(upstream=upstream) if named else gradient(upstream)
    made = tuple(made) if isinstance(made, (tuple, list)) else (made,)
    if len(made) != len(args):
        raise ValueError(
            f"custom_gradient: expected {len(args)} gradients, one per argument; received {len(made)}"
        )
    return made


__all__ = ["custom_gradient"]
