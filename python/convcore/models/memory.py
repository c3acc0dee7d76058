"""What a model will need in memory, from its plans: nothing is run."""

import contextlib

import numpy as np

from ..core import dtypes, tree
from ..trainers import outputs
from ..trainers.compile_loss import CompileLoss
from ..trainers.compile_metrics import CompileMetrics
from ..trainers.data_adapters import ArrayAdapter
from ..trainers.loss_terms import at, find_terms
from .signature import input_signature

# What the first model of a process, loaded and run, was measured to take beyond its plan (CPython 3.11 on
# x86-64; five networks of 9 to 430 layers, each within 0.5 MB): modules and code pages once (for fit also
# numpy.random, which shuffles), then objects, recorded graphs and plans by the number of layers.
MODULES_BYTES = {"predict": 8_600_000, "train": 14_900_000}
LAYER_BYTES = 18_400


def planned_memory(model, batch_size, y=None):
    """See `Model.memory`."""
    if not isinstance(batch_size, int) or batch_size < 1:
        raise ValueError(f"memory: argument `batch_size`: expected an integer >= 1; received {batch_size!r}")
    inputs = input_signature(model, where=f"Model {model.name!r}: memory")
    x = tree.map_structure(lambda t: _sample(t.shape, t.dtype, t.name), inputs)
    found = {"predict": _planned(model, "predict", (x,), batch_size)}
    if model.compiled:
        with _provisional(model):
            y = _targets(model, inputs) if y is None else tree.map_structure(lambda a: np.asarray(a)[:1], y)
            adapter = ArrayAdapter(x, y, batch_size=1, where="memory")
            model._prepare(adapter, "memory: argument `y`")
            found["fit"] = _planned(model, "train", adapter.first_batch(), batch_size)
    return found


def _planned(model, kind, batch, batch_size):
    traced = model._step(kind).traced
    arrays, recorded = traced._lookup(batch, {})
    if not recorded.any_batch:  # a layer's code has the size of the batch in it
        whole = tree.map_structure(
            lambda a: a if a is None else np.zeros((batch_size, *a.shape[1:]), a.dtype), batch
        )
        arrays, recorded = traced._lookup(whole, {})
    memory = recorded.function.memory(*[(batch_size, *array.shape[1:]) for array in arrays])
    variables = list(model.weights)
    if kind == "train" or getattr(model.optimizer, "built", False):
        variables += [*model.optimizer.variables, *model.metrics_variables]
    del memory["variables"]  # those that this function touches; a model has others
    memory = {"variables": sum(v.size * dtypes.numpy_dtype(v.dtype).itemsize for v in variables), **memory}
    plan, layers = sum(memory.values()), LAYER_BYTES * len(model._flatten_layers())
    modules = MODULES_BYTES[kind]
    return {**memory, "plan": plan, "layers": layers, "modules": modules, "total": plan + layers + modules}


@contextlib.contextmanager
def _provisional(model):
    """Losses and metrics that find out what they are from guessed targets are forgotten again."""
    parts = model._compile_loss, model._compile_metrics
    if all(part is None or part.built for part in parts):
        yield
        return
    given, names = model._compile_arguments.given, getattr(model, "output_names", None)
    metrics = given["metrics"], given["weighted_metrics"]
    if parts[0] is not None:
        model._compile_loss = CompileLoss(given["loss"], given["loss_weights"], names)
    if parts[1] is not None:
        model._compile_metrics = CompileMetrics(*metrics, names)
    try:
        yield
    finally:
        model._compile_loss, model._compile_metrics = parts
        for made in ("_recorded_steps", "_known_metrics"):
            model.__dict__.pop(made, None)


def _sample(shape, dtype, name):
    if None in shape[1:]:
        raise ValueError(
            f"memory: expected inputs and outputs of known sizes; received {name!r} of shape {tuple(shape)}"
        )
    return np.zeros((1, *shape[1:]), dtype)


def _targets(model, inputs):
    """Targets of the usual shape: integer classes for sparse losses, else arrays like the outputs."""
    if model.loss is None:
        return None
    output = model.compute_output_spec(inputs) if not getattr(model, "inputs", None) else model.output
    leaves = tree.flatten(output)
    names = outputs.names_of(output, getattr(model, "output_names", None))
    numbers = tree.pack_as(output, list(range(len(leaves))))
    losses = {
        i: term.loss
        for term in find_terms(model.loss, None, output, names)
        for i in tree.flatten(at(numbers, term.path))
    }
    made = []
    for i, tensor in enumerate(leaves):
        loss = losses.get(i)
        sparse = "sparse" in str(getattr(loss, "name", None) or getattr(loss, "__name__", loss)).lower()
        shape, dtype = (tensor.shape[:-1], "int32") if sparse else (tensor.shape, tensor.dtype)
        made.append(_sample(shape, dtype, tensor.name))
    return tree.pack_as(output, made)
