"""`.convcore` files: the recorded graphs of a model with their variables, to be run, and trained, without the
Python classes that made them. The format is described in docs/file-format.md.
"""

import os

import numpy as np

from .. import _core
from ..core import tree
from ..core.arrays import as_array
from ..core.dtypes import is_float
from ..core.keras_tensor import KerasTensor
from ..core.trace import Trace
from ..models import signature
from .object_tree import walk

# What a model that is not compiled has no place for.
_BESIDE_WEIGHTS = ("optimizer", "metrics", "state")


def export_model(model, filepath, training=False, sample=True, input_signature=None):
    """Writes a `.convcore` file: for C++ programs, other languages and `ExportedModel`.

    The file holds the function `predict`; with ``training`` also `train_step` (forward, loss, backward,
    optimizer and metrics as compiled), `test_step` and `reset_metrics`, all over the same variables.

    Args:
        model: A built model; for ``training`` a compiled one.
        filepath: Path that ends in `.convcore`. The file appears whole or not at all.
        training: False; True, which takes targets as the loss expects them (class numbers as int32 for sparse
            losses, else the output's shape as float32); or an example batch (x, y), whose dtypes and shapes
            beyond the batch axis the steps will take.
        sample: Whether to store an input and its output, by which `verify` proves a deployment. True draws a
            batch of two from a fixed seed, if all sizes but the batch's are known; an array (or a structure
            of arrays, as the model takes it) is stored as it is.
        input_signature: The inputs as `InputSpec` (shape with the batch axis, None where free, and dtype) or
            `KerasTensor`, in the structure that the model takes; by default those it was made or first called
            with. Layers whose code computes with sizes, that of the batch too, need these to be known.

    Raises:
        ValueError: if the model has no known inputs, if it is to be trained and not compiled, or if a layer
            needs sizes that are free.
    """
    path = os.fspath(filepath)
    if not path.endswith(".convcore"):
        raise ValueError(f"export: expected a path that ends in .convcore; received {path!r}")
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        raise FileNotFoundError(
            f"export: {path}: expected an existing folder {folder}; received none. Create it first."
        )
    inputs = signature.input_signature(model, input_signature)
    predict, outputs = _record(lambda x: model(x, training=False), inputs)
    names = _names(tree.flatten(inputs), "input")
    functions = [("predict", predict, names, _names(outputs, "output", getattr(model, "output_names", None)))]
    if training is not False:
        batch = None if training is True else training
        functions += _training_functions(model, names, outputs, batch, inputs)
    variables = _named_variables(model)
    if training is False:  # the state of training would make the file up to three times as large
        variables = [(name, v) for name, v in variables if name.split("/")[0] not in ("optimizer", "metrics")]
    _core.write_model_file(path, variables, functions, _sample(tree.flatten(inputs), predict, sample))


def _record(fn, *structures):
    """(Function, flat outputs) of ``fn`` over inputs like these KerasTensors."""
    try:
        return _recorded(fn, structures)
    except Exception as error:
        free = {x.name: tuple(x.shape) for x in tree.flatten(structures) if None in x.shape}
        if free and _records_with_known_sizes(fn, structures):
            raise ValueError(
                f"export: expected layers that can be recorded without the free sizes (None) of the inputs "
                f"{free}; received one whose code computes with them: {error}. Give the sizes that the file "
                "is for: export(path, input_signature=[InputSpec(shape=(1, ...))]), or make Input with them"
            ) from error
        raise


def _records_with_known_sizes(fn, structures):
    """Whether only the free sizes stand in the way; told by a recording with sizes made up."""
    known = tree.map_structure(
        lambda x: KerasTensor([48 if n is None else n for n in x.shape], x.dtype, name=x.name), structures
    )
    try:
        _recorded(fn, known)
    except Exception:
        return False
    return True


def _recorded(fn, structures):
    with Trace() as trace:
        values = [
            tree.map_structure(lambda spec: trace.input(spec.dtype, spec.shape, spec.name), structure)
            for structure in structures
        ]
        outputs = fn(*values)
        recorded = trace.finish(outputs)
    return recorded.function, tree.flatten(outputs)


def _names(values, kind, known=None):
    """One name per value, no two alike."""
    names: list[str] = []
    for i, value in enumerate(values):
        name = known[i] if known and len(known) == len(values) else getattr(value, "name", None)
        if not isinstance(name, str) or not name:
            name = kind if len(values) == 1 else f"{kind}_{i}"
        names.append(name if name not in names else f"{name}_{i}")
    return names


def _training_functions(model, input_names, predictions, batch, inputs):
    if not model.compiled or model.optimizer is None:
        raise ValueError(
            f"export: training=True expects a compiled model; received {model.name!r}, which is not. "
            "Call compile(optimizer, loss) first."
        )
    x, y = (inputs, _targets(model, predictions)) if batch is None else _specs_of(batch)
    model._build_for(x, y, None)
    target_names = _names(tree.flatten(y), "target")
    functions = []
    for kind in ("train", "test"):
        step = getattr(model, f"{kind}_step")
        logs: list[str] = []

        def run(x, y, step=step, logs=logs):
            results = step((x, y))
            model._clear_losses()
            logs.extend(sorted(results))
            return [results[name] for name in logs]

        function, _ = _record(run, x, y)
        functions.append((f"{kind}_step", function, [*input_names, *target_names], logs))
    reset, _ = _record(lambda: model.reset_metrics() or [])
    return [*functions, ("reset_metrics", reset, [], [])]


def _targets(model, predictions):
    losses = tree.flatten(model.loss) if model.loss is not None else []
    specs = []
    for i, prediction in enumerate(predictions):
        loss = losses[i] if len(losses) == len(predictions) else (losses or [None])[0]
        kind = loss if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__)
        sparse = "sparse" in kind.lower()
        shape = prediction.shape[:-1] if sparse else prediction.shape
        name = "target" if len(predictions) == 1 else f"target_{i}"
        specs.append(KerasTensor(shape, "int32" if sparse else "float32", name=name))
    return specs[0] if len(specs) == 1 else specs


def _specs_of(batch):
    if not isinstance(batch, (tuple, list)) or len(batch) != 2:
        raise ValueError(
            f"export: training expects True or an example batch (x, y); received {type(batch).__name__}"
        )

    def spec(array):
        array = as_array(array, "export: training")
        return KerasTensor((None, *array.shape[1:]), array.dtype.name, name="target")

    return tuple(tree.map_structure(spec, part) for part in batch)


def _named_variables(model):
    """(name, core variable) of everything that the graphs of the model can read, named by its place in the
    model as in a weights file: `layers/conv2d/kernel`, `optimizer/iteration`.
    """
    named: dict[str, object] = {}
    seen = set()

    def add(prefix, variables):
        for variable in variables:
            if id(variable) in seen:
                continue
            seen.add(id(variable))
            base = f"{prefix}/{variable.name}".strip("/")
            name, k = base, 0
            while name in named:
                k += 1
                name = f"{base}_{k}"
            named[name] = variable._handle

    for path, owner in walk(model):
        if owner is not model:
            add(path, _own_variables(owner))
    add("", _own_variables(model))
    add("state", model.variables)
    for metric in model.metrics:
        add(f"metrics/{metric.name}", metric.variables)
    if getattr(model, "optimizer", None) is not None:
        add("optimizer", model.optimizer.variables)
    return list(named.items())


def _own_variables(owner):
    variables = getattr(owner, "variables", [])
    nested = [v for child in getattr(owner, "_layers", []) for v in child.variables]
    return [v for v in variables if not any(v is other for other in nested)]


def _sample(inputs, predict, sample):
    if sample is False:
        return None
    if sample is True:
        if any(size is None for x in inputs for size in x.shape[1:]):
            return None
        random = np.random.default_rng(0)
        arrays = [_drawn(random, x) for x in inputs]
    else:
        arrays = [
            as_array(array, "export: sample", dtype=x.dtype)
            for array, x in zip(tree.flatten(sample), inputs, strict=True)
        ]
    return ("predict", arrays, predict(*arrays))


def _drawn(random, x):
    shape = (x.shape[0] or 2, *x.shape[1:])
    if is_float(x.dtype):
        return random.standard_normal(shape).astype(x.dtype)
    return random.integers(0, 2, shape).astype(x.dtype)


class ExportedModel:
    """A `.convcore` file, loaded: its functions run on the C++ core, as they do in a C++ program.

    Args:
        filepath: Path of the file.

    Raises:
        ModelFormatError: (a ValueError) if the file is damaged or not a model.
        ValueError: if it cannot be read.
    """

    def __init__(self, filepath):
        self.path = os.fspath(filepath)
        self._model = _core.Model.load(self.path)

    @property
    def functions(self):
        """The names of its functions."""
        return self._model.functions()

    def inputs(self, function="predict"):
        """[(name, dtype, shape)] of what a function takes; None stands for a size bound by the call."""
        return self._model.inputs(function)

    def outputs(self, function="predict"):
        """[(name, dtype, shape)] of what a function returns."""
        return self._model.outputs(function)

    def run(self, function, *arrays):
        """Runs a function on arrays, converted to its dtypes; returns a list of arrays."""
        specs = self._model.inputs(function)
        if len(arrays) != len(specs):
            raise ValueError(f"{self.path}: {function} expects {len(specs)} arrays; received {len(arrays)}")
        converted = [
            as_array(array, f"{self.path}: {function}: {name}", dtype=dtype)
            for array, (name, dtype, _) in zip(arrays, specs, strict=True)
        ]
        return self._model.run(function, *converted)

    def predict(self, *arrays):
        """Predictions for a batch; an array, or a list of them if the model has several outputs."""
        results = self.run("predict", *arrays)
        return results[0] if len(results) == 1 else results

    def train_step(self, *arrays):
        """One batch of training, inputs then targets; returns {name: running result}."""
        names = [name for name, _, _ in self._model.outputs("train_step")]
        results = self.run("train_step", *arrays)
        return {name: float(value) for name, value in zip(names, results, strict=True)}

    def reset_metrics(self):
        """Sets the running results of `train_step` and `test_step` to zero."""
        self._model.run("reset_metrics")

    def variables(self):
        """{name: array}: copies of all variables."""
        return {name: self._model.variable(name) for name, _, _ in self._model.variables()}

    def save(self, filepath):
        """Writes the file with the present variables; it appears whole or not at all."""
        self._model.save(os.fspath(filepath))

    def verify(self):
        """Runs the sample in the file: {"ok", "bitwise", "max_error", "function"}; "ok" within 1e-4 of the
        largest magnitude.
        """
        return self._model.verify()


def load_exported_weights(model, filepath):
    """Assigns the variables of a `.convcore` file to a model of the structure that exported it; all of them
    or none.
    """
    exported = ExportedModel(filepath)
    values = exported.variables()
    named = dict(_named_variables(model))
    problems = [
        f"no variable {name!r} in the model"
        for name in values
        if name not in named and name.split("/")[0] not in _BESIDE_WEIGHTS
    ]
    weights = {id(variable._handle) for variable in model.weights}
    problems += [
        f"no value for {name!r}" for name, v in named.items() if name not in values and id(v) in weights
    ]
    problems += [
        f"{name!r}: expected {v.dtype} {v.shape}; received {values[name].dtype} {values[name].shape}"
        for name, v in named.items()
        if name in values and (v.shape != values[name].shape or v.dtype != values[name].dtype.name)
    ]
    if problems:
        raise _core.ModelFormatError(
            f"{exported.path}: does not fit model {model.name!r}: " + "; ".join(problems)
        )
    for name, variable in named.items():
        if name in values:
            variable.array[...] = values[name]
            variable.touch()


__all__ = ["ExportedModel", "export_model", "load_exported_weights"]
