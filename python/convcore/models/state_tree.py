"""The variables of a model by their paths: as nested dicts, and back."""

FORMATS = ("numpy_array", "backend_tensor")


def nested_values(variables, value_format):
    """Copies of the values of variables, in dicts nested like their paths."""
    if value_format not in FORMATS:
        raise ValueError(
            "get_state_tree: Invalid `value_format` argument: expected one of "
            f"{FORMATS}. Received: value_format={value_format!r}"
        )
    values = {}
    for variable in variables:
        if variable.path in values:
            raise ValueError(
                "get_state_tree: The following variable path is found twice in the model: "
                f"{variable.path!r}. Expected every path once: give layers names of their own."
            )
        values[variable.path] = variable.numpy()
    nested: dict = {}
    for path, value in values.items():
        *parents, name = path.split("/")
        place = nested
        for parent in parents:
            place = place.setdefault(parent, {})
        place[name] = value
    return nested


def assign_nested(variables, values, kind):
    """Assigns what `nested_values` returns, or a part of it."""
    known = {variable.path: variable for variable in variables}
    for path, value in _flat(values):
        if path not in known:
            raise ValueError(
                f"set_state_tree: {kind}: Unknown variable path {path!r}. Expected some of {sorted(known)}"
            )
        known[path].assign(value)


def _flat(values, path=""):
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{path}{key}/")
        else:
            yield f"{path}{key}", value


def variables_by_kind(model):
    """What `get_state_tree` holds, by key."""
    return {
        "trainable_variables": model.trainable_variables,
        "non_trainable_variables": model.non_trainable_variables,
        "optimizer_variables": model.optimizer.variables if model.optimizer is not None else [],
        "metrics_variables": model.metrics_variables,
    }
