"""How data meets a model's symbolic inputs: by structure or name, with Keras's leniency about a last axis of
one.
"""

from ..core import tree
from ..core.dispatch import apply
from ..core.masks import get_keras_mask, set_keras_mask
from ..layers.format_hint import format_hint


def check_shape(x, symbolic, where):
    """ValueError if ``x`` cannot be fed to a symbolic input; a last axis of 1 may be missing or extra."""
    expected, shape = symbolic.shape, tuple(x.shape)
    adapted = shape
    if len(shape) == len(expected) + 1 and shape[-1] == 1:
        adapted = shape[:-1]
    elif len(shape) == len(expected) - 1 and expected[-1] == 1:
        adapted = (*shape, 1)
    if len(adapted) == len(expected) and all(
        m in (None, n) or n is None for m, n in zip(adapted, expected, strict=False)
    ):
        return
    hint = ""
    if len(shape) == len(expected) - 1:
        hint = " The batch axis is missing: use x[None]."
    elif len(shape) == len(expected):
        hint = format_hint(shape, "channels_last", expected[-1])
    raise ValueError(f"{where}: input {symbolic.name!r}: expected shape {expected}; received {shape}.{hint}")


def adapt(x, symbolic):
    """A recorded tensor with the rank and dtype of a symbolic input."""
    rank, mask, original = len(symbolic.shape), get_keras_mask(x), x
    if len(x.shape) == rank + 1:
        x = apply("squeeze", x, axes=[rank])
    elif len(x.shape) == rank - 1:
        x = apply("expand_dims", x, axis=rank - 1)
    if x.dtype != symbolic.dtype:
        x = apply("cast", x, dtype=symbolic.dtype)
    if mask is not None and x is not original:
        set_keras_mask(x, mask)
    return x


def flatten_inputs(data, structure, symbolic, where):
    """The flat list of ``data`` in the order of a functional model's inputs."""
    if isinstance(data, dict):
        names = sorted(structure) if isinstance(structure, dict) else [x.name for x in symbolic]
        missing = [name for name in names if name not in data]
        if missing:
            raise ValueError(f"{where}: expected inputs {names}; received {sorted(data)}: {missing} missing")
        flat = [data[name] for name in names]
    else:
        flat = tree.flatten(data)
    if len(flat) != len(symbolic):
        raise ValueError(
            f"{where}: expected {len(symbolic)} inputs {[x.name for x in symbolic]}; received {len(flat)}"
        )
    return flat
