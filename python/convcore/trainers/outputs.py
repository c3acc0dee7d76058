"""How data, losses and metrics meet the outputs of a model: flat lists in one order, one list of names."""

from ..core import tree


def names_of(y_pred, model_names=None):
    """One name per output."""
    leaves = tree.flatten(y_pred)
    if isinstance(y_pred, dict) and len(y_pred) == len(leaves):
        return sorted(y_pred)
    if model_names is not None and len(model_names) == len(leaves):
        return list(model_names)
    return [f"output_{i + 1}" for i in range(len(leaves))]


def flat(data, names, what):
    """`data` as a list with one entry per output: of a dict by name, else in order."""
    if data is None:
        return [None] * len(names)
    if isinstance(data, dict) and set(data) == set(names):
        return [data[name] for name in names]
    leaves = tree.flatten(data)
    if len(leaves) != len(names):
        raise ValueError(
            f"{what}: expected one entry per output of the model, {len(names)} "
            f"({', '.join(map(str, names))}). "
            f"Received: {len(leaves)}"
        )
    return leaves


def flat_weights(sample_weight, names):
    """One array of sample weights per output; a single one serves all."""
    if sample_weight is None or tree.is_nested(sample_weight):
        return flat(sample_weight, names, "sample_weight")
    return [sample_weight] * len(names)


def per_output(spec, names, what, complete=False):
    """What `compile` was given, one entry per output; entries of a list may be lists themselves.

    Args:
        spec: None, a dict by output name, a list or tuple with an entry per output, or one thing for all
            outputs.
        names: The names of the outputs.
        what: The argument, for error messages.
        complete: Whether a dict must name every output.
    """
    if spec is None:
        return [None] * len(names)
    if isinstance(spec, dict):
        if not set(spec) <= set(names) or (complete and set(spec) != set(names)):
            raise ValueError(
                f"compile: argument `{what}`: expected the keys {list(names)}, the names of the outputs. "
                f"Received keys: {list(spec)}"
            )
        return [spec.get(name) for name in names]
    if isinstance(spec, list | tuple):
        if len(spec) != len(names):
            raise ValueError(
                f"compile: argument `{what}`: for a model with {len(names)} outputs a list must have as many "
                "entries. "
                f"Received: {len(spec)} entries, {what}={spec}"
            )
        return list(spec)
    return [spec] * len(names)
