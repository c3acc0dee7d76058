"""How data meets a model's symbolic inputs: by structure or name, with Keras's leniency about a last axis of
one.
"""

import warnings

from ..core import tree
from ..core.dispatch import apply
from ..core.masks import get_keras_mask, set_keras_mask
from ..layers.format_hint import format_hint

MISMATCH = "The structure of `inputs` doesn't match the expected structure"


def check_shape(x, symbolic, where, structure=None):
    """ValueError if ``x`` cannot be fed to a symbolic input; a last axis of 1 may be missing or extra. The
    size of the batch is free, also where the input declares one. ``structure`` is that of all inputs.
    """
    if x is None:
        return
    expected, shape = (*[None] * len(symbolic.shape[:1]), *symbolic.shape[1:]), tuple(x.shape)
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
    raise ValueError(
        f"{where}: input with name {symbolic.name!r} and path {tree.path_of(symbolic, structure)!r}: "
        f"expected shape={expected}, found shape={shape}.{hint}"
    )


def adapt(x, symbolic):
    """A recorded tensor with the rank and dtype of a symbolic input; None stays."""
    if x is None:
        return None
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
    if not tree.same_structure(data, structure):
        data = _by_name(data, structure, symbolic, where)
    flat = tree.flatten(data)
    if len(flat) != len(symbolic):
        raise ValueError(
            f"{where} expects {len(symbolic)} {_inputs_of(structure, symbolic)}; received {len(flat)}. "
            f"{MISMATCH}."
        )
    for x, expected in zip(flat, symbolic, strict=True):
        if x is None and not getattr(expected.keras_history.operation, "optional", True):
            raise ValueError(f"{where}: the input {expected.name!r} is not optional, but None was passed")
    return flat


def _inputs_of(structure, symbolic):
    if isinstance(structure, dict):
        return f"named input(s) with keys {list(structure)}"
    return f"inputs {[x.name for x in symbolic]}"


def _by_name(data, structure, symbolic, where):
    """The entries of a dict that a model needs, by the keys of its inputs or else by their names."""
    if not isinstance(data, dict):
        keys = list(structure) if isinstance(structure, dict) else []
        if keys != sorted(keys):
            raise ValueError(
                f"{where}: {MISMATCH}: expected a dict with the keys {keys}; received {type(data).__name__}, "
                "whose order could be that of the dict or that of its sorted keys"
            )
        return data
    flat = isinstance(structure, dict) and not any(map(tree.is_nested, structure.values()))
    names = sorted(structure) if flat else [x.name for x in symbolic]
    missing = [name for name in names if name not in data]
    if missing:
        raise ValueError(
            f"{where}: {MISMATCH}: expected inputs {names}; received {sorted(data)}: {missing} missing"
        )
    return [data[name] for name in names]


def warn_of_mismatch(data, structure, where):
    """Warns, as Keras does, of inputs that are used although they come in another structure."""
    named = isinstance(data, dict) and not isinstance(structure, dict)
    if not named and tree.is_nested(structure) and not tree.same_structure(data, structure):
        warnings.warn(
            f"{MISMATCH}. {where} expects {tree.map_structure(lambda x: x.name, structure)}", stacklevel=2
        )
