"""KerasFileEditor: looks into a file of weights, changes its structure and writes it again."""

import os

import numpy as np

from . import atomic
from .archive import CONFIG, METADATA, WEIGHTS, Archive
from .errors import refuse
from .hdf5_file import Hdf5File
from .weights import hdf5_bytes, owners, saved_variables

_PATH, _ERROR, _GOOD = "color(33)", "color(160)", "color(28)"


class KerasFileEditor:
    """Inspects a file of weights, edits what it holds and writes it as a new file.

    Objects (layers, optimizers, ...) are dictionaries in `weights_dict`: of their weights under "0", "1", ...
    and of the objects inside them.

    Args:
        filepath: Path of a `.keras` or `.weights.h5` file.

    Raises:
        ValueError: for other endings, and as ModelFormatError for damaged files.

    Example::

        editor = KerasFileEditor("old.weights.h5")
        editor.summary()
        editor.delete_object("layers/dense_2")
        editor.add_object("layers/conv2d", {"0": kernel, "1": bias})
        editor.compare(new_model)
        editor.save("new.weights.h5")
    """

    def __init__(self, filepath):
        from rich.console import Console

        self.filepath = os.fspath(filepath)
        self.metadata = self.config = self.model = None
        self.console = Console(highlight=False)
        if self.filepath.endswith(".keras"):
            with Archive(self.filepath) as opened:
                self.metadata, self.config = opened.read_json(METADATA), opened.read_json(CONFIG)
                data = opened.read(WEIGHTS)
        elif self.filepath.endswith(".weights.h5"):
            with open(self.filepath, "rb") as opened:
                data = opened.read()
        else:
            raise ValueError(
                "KerasFileEditor: Invalid filename: expected a `.keras` or `.weights.h5` extension; received "
                f"filepath={filepath}"
            )
        self.object_metadata = {}  # path of a group in the file -> its attributes
        self.weights_dict = self._read(Hdf5File(data, self.filepath), "", set())
        self._print("Keras model file ", (repr(self.filepath), _PATH))
        if self.metadata is not None:
            version, date = (str(self.metadata.get(key)) for key in ("keras_version", "date_saved"))
            self._print("Saved with Keras ", (version, _PATH), " - date: ", (date, _PATH))

    def _read(self, file, path, seen):
        """The objects of the group at `path`; what has no weights in it is left out."""
        attributes = file.attributes(path)
        if attributes:
            self.object_metadata[f"/{path.removesuffix('/vars')}"] = attributes
        found = {}
        for name, address in (file.group(path) or {}).items():
            inner = f"{path}/{name}".lstrip("/")
            if file.group(inner) is None:
                found[name] = file.dataset(inner).array()
                continue
            if address in seen:
                raise refuse(f"{file.where}: group {inner}", "one place for every group", "a second one")
            seen.add(address)
            content = self._read(file, inner, seen)
            if name == "vars":
                found.update(content)
            elif content:
                found[name] = content
        return dict(sorted(found.items(), key=_order))

    def summary(self):
        """Prints the objects and weights of the file."""
        self._print("Weights structure")
        self._print_tree(self.weights_dict, "  ", "", first=True)

    def _print_tree(self, content, indent, path, first=False):
        for name, value in content.items():
            last = name == next(reversed(content))
            mark = "> " if first else "└─ " if last else "├─ "
            first = False
            if isinstance(value, dict):
                label = self.object_metadata.get(f"{path}/{name}", {}).get("name")
                self._print(indent + mark, (name, "bold"), f" ({label!r})" if label else "")
                self._print_tree(value, indent + ("    " if last else "│   "), f"{path}/{name}")
            else:
                shape, dtype = np.shape(value), np.asarray(value).dtype
                self._print(indent + mark, (name, "bold"), f": shape={shape}, dtype={dtype}")

    def compare(self, reference_model):
        """Prints every difference between the file and a model.

        Args:
            reference_model: A built model.

        Returns:
            Dictionary: "status" is "success" or "error"; "error_count" counts what only one of them has and
            weights of different shapes, "match_count" the weights that fit.
        """
        self._print("Running comparison")
        errors, matches = self._compare(self.weights_dict, _structure(reference_model), "")
        self._print("─" * 21)
        if errors:
            said = f"Found {errors} error{'s' * (errors > 1)}:"
            end = " saved file is not compatible with the reference model"
            self._print((said, f"bold {_ERROR}"), (end, _ERROR))
        else:
            end = " saved file is compatible with the reference model"
            self._print(("Comparison successful:", f"bold {_GOOD}"), (end, _GOOD))
            self._print(f"    Found {matches} matching weight{'s' * (matches != 1)}")
        status = "error" if errors else "success"
        return {"status": status, "error_count": errors, "match_count": matches}

    def _compare(self, saved, wanted, path):
        """(errors, matches) below `path`."""
        errors = matches = 0
        for name in [*wanted, *(name for name in saved if name not in wanted)]:
            where = f"{path}/{name}"
            one, other = saved.get(name), wanted.get(name)
            if isinstance(one, dict) and isinstance(other, dict):
                inner = self._compare(one, other, where)
                errors, matches = errors + inner[0], matches + inner[1]
            elif one is None:
                errors += self._tell_missing(where, other, "reference model", "saved file")
            elif other is None:
                errors += self._tell_missing(where, one, "saved file", "reference model")
            elif _shape(one) == _shape(other):
                matches += 1
            else:
                errors += 1
                self._print(("...Weight shape mismatch for ", _ERROR), (where, f"bold {_ERROR}"))
                self._print(f"    In reference model: shape={_shape(other)}")
                self._print(f"    In saved file: shape={_shape(one)}")
        return errors, matches

    def _tell_missing(self, where, value, present, missing):
        kind = "Object" if isinstance(value, dict) else "Weight"
        end = f" present in {present}, missing from {missing}"
        self._print((f"...{kind} ", _ERROR), (where, f"bold {_ERROR}"), (end, _ERROR))
        if isinstance(value, dict):
            self._print(f"    In {present}, {where} contains the following keys: {list(value)}")
        return 1

    def rename_object(self, object_name, new_name):
        """Renames an object.

        Args:
            object_name: Its path ("layers/dense_2"), or its name if there is one of that name.
            new_name: The new last part of its path.
        """
        if "/" in new_name:
            raise ValueError(
                "rename_object: Argument `target_name` should be a leaf name, not a full path name: expected "
                f"a name without '/'; received {new_name!r}"
            )
        parent, name = self._find(object_name)
        parent[new_name] = parent.pop(name)

    def delete_object(self, object_name):
        """Removes an object and all that is in it; `object_name` as for `rename_object`."""
        parent, name = self._find(object_name)
        del parent[name]

    def add_object(self, object_path, weights):
        """Adds an object.

        Args:
            object_path: Its path; all but the last part must be there.
            weights: Dictionary of its weights: {"0": kernel, "1": bias}.
        """
        _require_dict(weights, "add_object")
        parent = self.weights_dict
        *objects, name = object_path.split("/")
        for step in objects:
            if not isinstance(parent.get(step), dict):
                raise ValueError(
                    f"add_object: Path '{'/'.join(objects)}' not found in the model: expected one of "
                    f"{list(parent)}; received {step!r}"
                )
            parent = parent[step]
        parent[name] = dict(weights)

    def delete_weight(self, object_name, weight_name):
        """Removes the weight `weight_name` ("0") of an object; `object_name` as for `rename_object`."""
        content = self._object(object_name)
        if weight_name not in content:
            raise ValueError(
                f"delete_weight: Weight {weight_name} not found in object {object_name}. Weights found: "
                f"{list(content)}"
            )
        del content[weight_name]

    def add_weights(self, object_name, weights):
        """Adds or replaces `weights` ({"1": bias}) of an object; `object_name` as for `rename_object`."""
        _require_dict(weights, "add_weights")
        self._object(object_name).update(weights)

    def save(self, filepath):
        """Writes what the editor holds as a `.weights.h5` file; whole or not at all."""
        filepath = os.fspath(filepath)
        if not filepath.endswith(".weights.h5"):
            raise ValueError(
                "KerasFileEditor.save: Invalid `filepath` argument: expected a `.weights.h5` extension; "
                f"received filepath={filepath}"
            )
        with atomic.atomic_write(filepath) as opened:
            opened.write(hdf5_bytes(_entries(self.weights_dict, "")))

    resave_weights = save

    def _find(self, name):
        """(dictionary, key) of an object or weight by its path, or by its name if that is the only one."""
        found = [(parent, path) for parent, path in _places(self.weights_dict, "") if _named(path, name)]
        if len(found) > 1:
            raise ValueError(
                f"KerasFileEditor: Name '{name}' occurs more than once in the model; try passing a complete "
                f"path: one of {[path for _, path in found]}"
            )
        if not found:
            unknown = f"Path '{name}' not found" if "/" in name else f"Source name '{name}' does not appear"
            raise ValueError(f"KerasFileEditor: {unknown} in the model. summary() lists what is there")
        parent, path = found[0]
        return parent, path.rpartition("/")[2]

    def _object(self, name):
        parent, key = self._find(name)
        if not isinstance(parent[key], dict):
            raise ValueError(f"KerasFileEditor: expected the name of an object; received {name!r}, a weight")
        return parent[key]

    def _print(self, *parts):
        from rich.text import Text

        self.console.print(Text.assemble(*parts), soft_wrap=True)


def _order(item):
    """Weights by their numbers, then objects by name."""
    name, value = item
    return isinstance(value, dict), not name.isdecimal(), len(name) if name.isdecimal() else 0, name


def _places(content, path):
    """(dictionary, path) of every object and weight."""
    for name, value in content.items():
        yield content, f"{path}{name}"
        if isinstance(value, dict):
            yield from _places(value, f"{path}{name}/")


def _named(path, name):
    return path == name if "/" in name else path.rpartition("/")[2] == name


def _shape(value):
    return "of an object" if isinstance(value, dict) else np.shape(value)


def _structure(model):
    """What the file of a model would hold, in the form of `weights_dict`."""
    root: dict = {}
    for path, obj in owners(model):
        variables = saved_variables(obj)
        if variables:
            place = root
            for name in path.split("/") if path else ():
                place = place.setdefault(name, {})
            place.update(variables)
    return root


def _entries(content, path):
    """(group, no name, {key: array}) of every object that has weights."""
    weights = {name: np.asarray(value) for name, value in content.items() if not isinstance(value, dict)}
    if weights:
        yield f"{path}/vars".lstrip("/"), None, weights
    for name, value in content.items():
        if isinstance(value, dict):
            yield from _entries(value, f"{path}/{name}")


def _require_dict(weights, caller):
    if not isinstance(weights, dict):
        raise ValueError(
            f"{caller}: Argument `weights` should be a dict where keys are weight names (usually '0', '1', "
            f"etc.) and values are NumPy arrays; received {type(weights).__name__}"
        )
