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


def paths_of(y_pred, names):
    """The names of the outputs' losses: keys that lead to an output, then its name if it is not in a dict."""
    remaining = iter(names)

    def visit(structure, path):
        if isinstance(structure, dict):
            return [found for key in sorted(structure) for found in visit(structure[key], (*path, key))]
        if isinstance(structure, list | tuple):
            return [found for item in structure for found in visit(item, (*path, None))]
        name = next(remaining)
        steps = [*path[:-1], name if not path or path[-1] is None else path[-1]]
        return ["/".join(str(step) for step in steps if step is not None)]

    return visit(y_pred, ())


def flatten_like(y_pred, spec):
    """The parts of `spec` that stand in the places of the outputs, None if its structure is another one."""
    if isinstance(y_pred, dict):
        if not isinstance(spec, dict) or set(spec) != set(y_pred):
            return None
        parts = [flatten_like(y_pred[key], spec[key]) for key in sorted(y_pred)]
    elif isinstance(y_pred, list | tuple):
        if not isinstance(spec, list | tuple) or len(spec) != len(y_pred):
            return None
        parts = [flatten_like(item, part) for item, part in zip(y_pred, spec, strict=True)]
    else:
        return [spec]
    return None if any(part is None for part in parts) else [item for part in parts for item in part]


def is_deep(structure):
    """Whether lists or dicts stand inside of others."""
    children = structure.values() if isinstance(structure, dict) else structure
    return tree.is_nested(structure) and any(tree.is_nested(child) for child in children)


def per_output(spec, names, what, complete=False, y_pred=None):
    """What `compile` was given, one entry per output; entries of a list may be lists themselves.

    Args:
        spec: None, a dict by output name, a list or tuple with an entry per output, or one thing for all
            outputs.
        names: The names of the outputs.
        what: The argument, for error messages.
        complete: Whether a dict must name every output.
        y_pred: The outputs; if they are nested, `spec` may be nested in the same way.
    """
    if is_deep(y_pred) and tree.is_nested(spec):
        found = flatten_like(y_pred, spec)
        if found is not None:
            return found
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
