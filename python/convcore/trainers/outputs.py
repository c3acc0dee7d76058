"""How data and metrics meet the outputs of a model: flat lists in one order, one list of names."""

from ..core import tree


def names_of(y_pred, model_names=None):
    """One name per output, None for those without; a dict of outputs by the model's order of the keys, if it
    has one.
    """
    leaves = tree.flatten(y_pred)
    if isinstance(y_pred, dict) and len(y_pred) == len(leaves):
        matches = model_names is not None and set(model_names) == set(y_pred)
        return list(model_names) if matches else sorted(y_pred)
    if model_names is not None and len(model_names) == len(leaves):
        return list(model_names)
    return [None] * len(leaves)


def in_order(structure, names):
    """The leaves of outputs, or of what is shaped like them, in the order of `names`."""
    if isinstance(structure, dict) and set(structure) == set(names):
        return [structure[name] for name in names]
    return tree.flatten(structure)


def align(data, y_pred, names, what, wanted=None):
    """`data` in the structure of the outputs: of a dict by their names, else in order.

    Args:
        data: One entry per output, in any structure, or None.
        y_pred: The outputs.
        names: The names of the outputs.
        what: What the data are, for error messages.
        wanted: If given, the positions of the outputs that are used; `data` may leave out the others.
    """
    count = len(names)
    if tree.same_structure(data, y_pred):
        return tree.pack_as(y_pred, tree.flatten(data))
    if data is None:
        return tree.pack_as(y_pred, [None] * count)
    if isinstance(data, dict) and set(data) == set(names):
        leaves = [data[name] for name in names]
    else:
        leaves = tree.flatten(data)
        if wanted is not None and len(leaves) == len(wanted) < count:
            given = dict(zip(sorted(wanted), leaves, strict=True))
            leaves = [given.get(i) for i in range(count)]
    if len(leaves) != count:
        raise ValueError(
            f"{what}: expected one entry per output of the model, {count} "
            f"({', '.join(map(str, names))}); y_true and y_pred have different structures. "
            f"Received: {len(leaves)}"
        )
    return tree.pack_as(y_pred, leaves)


def align_weights(sample_weight, y_pred, names):
    """Sample weights in the structure of the outputs; a single array serves all."""
    if sample_weight is None or tree.is_nested(sample_weight):
        return align(sample_weight, y_pred, names, "sample_weight")
    return tree.pack_as(y_pred, [sample_weight] * len(names))


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


def per_output(spec, names, what, y_pred):
    """The metrics that `compile` was given, one entry per output; entries may be lists themselves.

    Args:
        spec: None, a dict by output name, or a list or tuple with an entry per output.
        names: The names of the outputs.
        what: The argument, for error messages.
        y_pred: The outputs; if they are nested, `spec` may be nested in the same way.
    """
    if is_deep(y_pred) and tree.is_nested(spec):
        found = flatten_like(y_pred, spec)
        if found is not None:
            return found
    if spec is None:
        return [None] * len(names)
    if isinstance(spec, dict):
        if not set(spec) <= set(names):
            raise ValueError(
                f"compile: Invalid `{what}`: expected the keys {list(names)}, the names of the outputs. "
                f"Received keys: {list(spec)}"
            )
        return [spec.get(name) for name in names]
    if len(spec) != len(names):
        raise ValueError(
            f"compile: Invalid `{what}`: for a model with {len(names)} outputs a list must have as many "
            f"entries. Received: {len(spec)} entries, {what}={spec}"
        )
    return list(spec)
