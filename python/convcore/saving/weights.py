"""Weights and optimizer state between a model and an HDF5 file in Keras's layout.

Reading has three steps: find every object's datasets, compare all of them with the model, then assign.
A file that fails any comparison changes nothing.
"""

import io
import warnings

import numpy as np

from ..core.dtypes import is_float
from .errors import ModelFormatError, refuse
from .hdf5_file import Hdf5File
from .object_tree import walk

_OLD_ROOT = "_layer_checkpoint_dependencies"


def write_weights(model, skip=()):
    """The bytes of `model.weights.h5` for a built model, without the objects in `skip`."""
    return hdf5_bytes(stored_entries(model, skip))


def stored_entries(model, skip=()):
    """(group, name of the object or None, {key: array}) of everything that stores variables of its own."""
    for path, obj in owners(model, skip):
        name = getattr(obj, "name", None)
        yield f"{path}/vars".lstrip("/"), name if isinstance(name, str) else None, saved_variables(obj)


def hdf5_bytes(entries):
    """The bytes of an HDF5 file with a group for each of ``entries``, as `stored_entries` gives them."""
    import h5py

    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for path, name, arrays in entries:
            group = file.create_group(path)
            if name is not None:
                group.attrs["name"] = name
            for key, value in arrays.items():
                dataset = group.create_dataset(key, data=value)
                if value.dtype.name == "bfloat16":  # to HDF5 two opaque bytes
                    dataset.attrs["dtype"] = "bfloat16"
    return buffer.getvalue()


def owners(model, skip=()):
    """(path, object) of everything that stores variables of its own."""
    return [(path, obj) for path, obj in walk(model, skip) if hasattr(obj, "save_own_variables")]


def saved_variables(obj):
    """{key: array}: what `obj` would write now; views, but copies where a user wrote how `obj` is stored."""
    if not _is_users(obj) and not getattr(obj, "lora_enabled", False):
        return {str(i): variable.value for i, variable in enumerate(_variables(obj))}
    store: dict[str, np.ndarray] = {}
    obj.save_own_variables(store)
    return {str(key): np.array(value) for key, value in store.items()}


def read_weights(model, data, where, skip_mismatch=False, skip=()):
    """Assigns the weights in `data`, the bytes of an HDF5 file, to `model`; all of them or none.

    Args:
        model: A built model.
        data: Bytes of the file, or an object that reads several as one.
        where: Its name, for messages.
        skip_mismatch: Whether objects that do not fit are left alone with a warning.
        skip: Objects that are left alone.
    """
    file = Hdf5File(data, where) if isinstance(data, bytes | bytearray | memoryview) else data
    plan, problems = _compare(model, file, skip)
    if problems and not skip_mismatch:
        raise _summary(where, problems)
    for message in problems.values():
        warnings.warn(f"{message}. It was skipped.", stacklevel=3)
    _assign([(path, obj, _arrays(found), before) for path, obj, found, before in plan], where)


def _compare(model, file, skip=()):
    """([(path, object, datasets, current values)], {path: problem}); touches nothing."""
    plan, problems = [], {}
    root = file.group("") or {}
    for path, obj in owners(model, skip):
        place = path
        if "layers" not in root and _OLD_ROOT in root and path.split("/")[0] == "layers":
            place = _OLD_ROOT + path[len("layers") :]
        found = file.datasets(f"{place}/vars".lstrip("/"))
        before = saved_variables(obj)
        if not found and not before and not _has_own(obj, "load_own_variables"):
            continue
        if _is_optimizer(obj) and len(found) == len(before) - 1:
            found = _with_learning_rate(found, before)
        problem = _mismatch(obj, path, found, before, file.where)
        if problem is None:
            plan.append((path, obj, found, before))
        elif _is_optimizer(obj):
            warnings.warn(f"{problem}. The optimizer state was skipped.", stacklevel=4)
        else:
            problems[path] = problem
    return plan, problems


class _Own:
    """A value that the object has already, in the place of a dataset."""

    def __init__(self, value):
        self.shape, self.dtype, self.array = value.shape, value.dtype, lambda: value


def _with_learning_rate(found, before):
    """The state of an optimizer of Keras 2, which stored no learning rate behind the number of steps."""
    if set(found) != {str(i) for i in range(len(found))}:
        return found
    moved = {str(i + 1): found[str(i)] for i in range(1, len(found))}
    return {"0": found["0"], "1": _Own(before["1"]), **moved}


def _is_optimizer(obj):
    from ..optimizers import Optimizer

    return isinstance(obj, Optimizer)


def _mismatch(obj, path, found, before, where):
    """What is wrong with the stored variables of `obj`, or None; a user's own loader judges for itself."""
    if _has_own(obj, "load_own_variables"):
        return None
    place = f"{where}: {path or 'model'} ({type(obj).__name__} {getattr(obj, 'name', '')!r})"
    if len(found) != len(before) or set(found) != set(before):
        names = ", ".join(variable.path for variable in _variables(obj)) or "none"
        hint = (
            ""
            if before or getattr(obj, "built", True)
            else ". The object is not built: call it on data or build(shape) first"
        )
        return f"{place}: expected {len(before)} variables ({names}); received {len(found)} variables{hint}"
    for key, value in before.items():
        if tuple(found[key].shape) != value.shape:
            return (
                f"{place}: shapes must match: expected variable {key} of shape {value.shape}; received "
                f"{tuple(found[key].shape)}"
            )
        floats = is_float(found[key].dtype.name) and is_float(value.dtype.name)
        if not floats and not np.can_cast(found[key].dtype, value.dtype, casting="same_kind"):
            return f"{place}: expected variable {key} of type {value.dtype}; received {found[key].dtype}"
    return None


def _has_own(obj, method):
    return not getattr(type(obj), method).__module__.startswith("convcore.")


def _is_users(obj):
    """Whether a user wrote how `obj` is stored: then its values are copied, and loading it may fail."""
    return _has_own(obj, "load_own_variables") or _has_own(obj, "save_own_variables")


def _variables(obj):
    return obj.variables if _is_optimizer(obj) else [*obj._own(True), *obj._own(False)]


def _arrays(found):
    """The values of all datasets of one object; all are read before anything is assigned."""
    return {key: dataset.array() for key, dataset in found.items()}


def _assign(plan, where):
    """Hands the values to the objects. Those that may fail come first, and then get their old values back;
    what has been compared with the library's own objects fits.
    """
    done = []
    try:
        for path, obj, arrays, before in sorted(plan, key=lambda entry: not _is_users(entry[1])):
            done.append((path, obj, before))
            obj.load_own_variables(arrays)
    except Exception as error:
        for _, obj, before in done:
            obj.load_own_variables(before)
        path, obj, _ = done[-1]
        if isinstance(error, ModelFormatError):
            raise
        raise refuse(
            f"{where}: {path or 'model'} ({type(obj).__name__})",
            "variables that load_own_variables() accepts",
            str(error),
        ) from error


def _summary(where, problems):
    paths = ", ".join(path or "model" for path in problems)
    first = next(iter(problems.values()))
    rest = f" All objects that do not fit: {paths}." if len(problems) > 1 else ""
    return ModelFormatError(f"{len(problems)} object(s) of the model could not be loaded. {first}.{rest}")
