"""Weights in the layout of Keras 1 and 2 (`.h5`): a group per layer, by its name, with the names of its
weights as an attribute.

Layers are matched by position among those that have weights, or by name. Within a layer the trainable weights
come first, recursively, which for nested models is another order than that of `.keras` files.
"""

import itertools
import warnings

import numpy as np

from .errors import ModelFormatError, refuse
from .legacy_kernels import converted

_LIMIT = 64_512  # bytes of an attribute; longer lists are written in pieces


def legacy_weights(layer):
    """The variables of a layer in the order of these files."""
    return [*layer.trainable_weights, *layer.non_trainable_weights]


def weights_root(file):
    """The path of the group with the layers: the root, or `model_weights`; None in other files."""
    for path in ("", "model_weights"):
        if any(name in file.attributes(path) for name in ("layer_names", "layer_names0")):
            return path
    return None


def names_in(file, path, attribute):
    """A list of names that was written as one attribute or in pieces."""
    attributes = file.attributes(path)
    if attribute in attributes:
        return _listed(attributes[attribute])
    pieces = (attributes.get(f"{attribute}{i}") for i in itertools.count())
    return [name for piece in itertools.takewhile(lambda x: x is not None, pieces) for name in _listed(piece)]


def _listed(value):
    return value if isinstance(value, list) else [value]


def read_legacy_weights(model, file, by_name=False, skip_mismatch=False):
    """Assigns the weights of an Hdf5File to a built model; all of them or none.

    Args:
        model: A built model.
        file: The file.
        by_name: Whether layers are matched by name; layers that only one side has are left alone.
        skip_mismatch: Whether layers that do not fit are left alone, with a warning.
    """
    root = weights_root(file)
    if root is None:
        raise refuse(file.where, "a weights file of Keras (attribute layer_names)", "another HDF5 file")
    version = file.attributes(root).get("keras_version", "1")
    backend = file.attributes(root).get("backend", "tensorflow")
    saved = _saved_layers(file, root)
    plan: list[tuple] = []
    problems = []
    for name, names, layer in _matched(model, saved, file.where, by_name):
        prefix = f"{root}/{name}".lstrip("/")
        found = [_array(file, f"{prefix}/{weight}") for weight in names]
        variables = legacy_weights(layer)
        arrays = converted(layer, found, str(version), str(backend))
        problem = _mismatch(layer, name, variables, arrays, file.where)
        if problem is None:
            plan.extend(zip(variables, arrays, strict=True))
        else:
            problems.append(problem)
    plan.extend(_own_weights(model, file, root))
    if problems and not skip_mismatch:
        count = f"{len(problems)} layer(s) could not be loaded. "
        raise ModelFormatError(count + " ".join(f"{problem}." for problem in problems))
    for problem in problems:
        warnings.warn(f"{problem}. It was skipped.", stacklevel=4)
    for variable, array in plan:
        variable.assign(array)


def stored_names(model, file):
    """{id of a variable: the name of its array} for the layers of a model that has been read."""
    saved = _saved_layers(file, weights_root(file))
    return {
        id(variable): name
        for _, names, layer in _matched(model, saved, file.where, by_name=False)
        for variable, name in zip(legacy_weights(layer), names, strict=True)
    }


def _saved_layers(file, root):
    """[(name, names of its weights)] of the layers that have any."""
    return [
        (name, names)
        for name in names_in(file, root, "layer_names")
        if (names := names_in(file, f"{root}/{name}".lstrip("/"), "weight_names"))
    ]


def _array(file, path):
    dataset = file.dataset(path)
    if dataset is None:
        raise refuse(f"{file.where}: {path}", "the dataset that weight_names lists", "none")
    return dataset.array()


def _matched(model, saved, where, by_name):
    """(saved name, names of its weights, layer) of all pairs."""
    layers = [layer for layer in model.layers if layer.weights]
    if by_name:
        return [(name, names, layer) for name, names in saved for layer in layers if layer.name == name]
    if len(saved) != len(layers):
        raise refuse(
            where,
            f"{len(layers)} layers with weights ({', '.join(layer.name for layer in layers)})",
            f"{len(saved)} ({', '.join(name for name, _ in saved)})",
            "With by_name=True only layers of equal name are read.",
        )
    return [(name, names, layer) for (name, names), layer in zip(saved, layers, strict=True)]


def _own_weights(model, file, root):
    """(variable, array) of what the model itself owns; older files have none."""
    prefix = f"{root}/top_level_model_weights".lstrip("/")
    names = names_in(file, prefix, "weight_names") if file.group(prefix) is not None else []
    variables = [*model._own(True), *model._own(False)]
    if not names or len(names) != len(variables):
        return []
    return list(zip(variables, [_array(file, f"{prefix}/{name}") for name in names], strict=True))


def _mismatch(layer, name, variables, arrays, where):
    place = f"{where}: layer {name!r} for {layer.name!r} ({type(layer).__name__})"
    if len(variables) != len(arrays):
        return f"{place}: expected {len(variables)} weights; received {len(arrays)}"
    for variable, array in zip(variables, arrays, strict=True):
        if tuple(array.shape) != tuple(variable.shape):
            return f"{place}: expected {variable.path} of shape {variable.shape}; received {array.shape}"
    return None


def write_legacy_weights(group, model, version):
    """Writes the weights into an h5py group."""
    group.attrs["backend"], group.attrs["keras_version"] = "tensorflow", version
    write_names(group, "layer_names", [layer.name for layer in model.layers])
    for layer in model.layers:
        _write_variables(group.create_group(layer.name), legacy_weights(layer))
    own = [*model._own(True), *model._own(False)]
    _write_variables(group.create_group("top_level_model_weights"), own)


def _write_variables(group, variables):
    names = []
    for variable in variables:
        # Shared automatic names would collide.
        name = variable.path
        while name in names:
            name += "_1"
        names.append(name)
        group.create_dataset(name, data=variable.numpy())
    write_names(group, "weight_names", names)


def write_names(group, attribute, names):
    """Writes a list of names as one attribute, or in pieces if it is too long for one."""
    encoded = np.array([name.encode() for name in names] or np.zeros(0, "S1"))
    pieces = max(1, -(-encoded.nbytes // _LIMIT))
    if pieces == 1:
        group.attrs[attribute] = encoded
        return
    for i, piece in enumerate(np.array_split(encoded, pieces)):
        group.attrs[f"{attribute}{i}"] = piece
