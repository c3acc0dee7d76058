"""How data meets a model's symbolic inputs: by structure or name, with Keras's leniency about a last axis of one."""

from ..core import tree
from ..core.dispatch import apply


def adapt(x, symbolic, where):
    """``x`` with the rank and dtype of a symbolic input; ValueError if the shapes contradict."""
    rank, shape = len(symbolic.shape), tuple(x.shape)
    if len(shape) == rank + 1 and shape[-1] == 1:
        x = apply("squeeze", x, axes=[rank])
    elif len(shape) == rank - 1 and symbolic.shape[-1] == 1:
        x = apply("expand_dims", x, axis=rank - 1)
    if len(x.shape) != rank or any(None not in (m, n) and m != n for m, n in zip(x.shape, symbolic.shape)):
        hint = ""
        if len(shape) == rank - 1:
            hint = " The batch axis is missing: use x[None]."
        elif len(shape) == rank == 4 and shape[1] == symbolic.shape[3] and shape[3] != symbolic.shape[3]:
            hint = (
                " The data look channels-first; the model expects channels last: use np.moveaxis(x, 1, -1)."
            )
        raise ValueError(
            f"{where}: input {symbolic.name!r}: expected shape {symbolic.shape}; received {shape}.{hint}"
        )
    return x if x.dtype == symbolic.dtype else apply("cast", x, dtype=symbolic.dtype)


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
