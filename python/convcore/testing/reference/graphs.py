"""Whole recorded functions through the reference, node by node: where does a network depart from NumPy?"""

import json
import os
import tempfile
from typing import Any

import numpy as np

from ... import _core
from ...core.dtypes import numpy_dtype
from .table import OPS, exact

# element types of safetensors
_DTYPES = {
    "BOOL": "bool",
    "U8": "uint8",
    "I8": "int8",
    "I16": "int16",
    "U16": "uint16",
    "I32": "int32",
    "U32": "uint32",
    "I64": "int64",
    "F16": "float16",
    "BF16": "bfloat16",
    "F32": "float32",
    "F64": "float64",
}


def _read(path):
    """(the description of the functions, tensors by name) of a `.convcore` file: see docs/file-format.md."""
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header, data = json.loads(file.read(length)), file.read()
    model = json.loads(header.pop("__metadata__")["model"])
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        array = np.frombuffer(data[begin:end], numpy_dtype(_DTYPES[entry["dtype"]]))
        tensors[name] = array.reshape(entry["shape"])
    return model, tensors


def _load(model):
    if isinstance(model, (str, os.PathLike)):
        return _read(model)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.convcore")
        model.export(path, sample=False)
        return _read(path)


def _source(entry, tensors):
    """What stands for a value that no node makes."""
    if "scalar" in entry:
        return np.array(entry["scalar"], numpy_dtype(entry["dtype"]))
    name = entry.get("variable", entry.get("constant"))
    if name is not None:
        return tensors[name]
    return np.zeros(entry["shape"], numpy_dtype(entry["dtype"]))  # only its shape is read


def _recorded(model, inputs, function):
    """(description of the function, its first values) for these inputs."""
    described, tensors = _load(model)
    functions = described["functions"]
    if function not in functions:
        raise ValueError(f"reference: expected a function of {', '.join(functions)}; received {function!r}")
    graph = functions[function]
    if len(inputs) != len(graph["inputs"]):
        raise ValueError(
            f"reference: {function}: expected {len(graph['inputs'])} inputs; received {len(inputs)}"
        )
    given = zip(inputs, graph["inputs"], strict=True)
    values = [np.asarray(x, numpy_dtype(spec["dtype"]), order="C") for x, spec in given]
    return graph, values + [_source(entry, tensors) for entry in graph["values"]]


def _results(node, inputs):
    results = OPS[node["op"]](*inputs, **node.get("attrs", {}))
    return results if isinstance(results, tuple) else (results,)


def run(model: Any, *inputs: Any, function: str = "predict") -> list[np.ndarray]:
    """The outputs of a model by the reference alone, floats in float64 from one node to the next.

    Args:
        model: A built model, or the path of a `.convcore` file (`model.export`).
        inputs: One array for each input of the function.
        function: Which function of the file.

    Raises:
        ValueError: The file has no such function, or it takes another number of inputs.
    """
    graph, values = _recorded(model, inputs, function)
    for node in graph["nodes"]:
        values.extend(_results(node, [values[i] for i in node["in"]]))
    return [np.asarray(exact(values[output["value"]])) for output in graph["outputs"]]


def compare(model: Any, *inputs: Any, function: str = "predict") -> list[dict[str, Any]]:
    """The core beside the reference at every node, both with what the core made of the nodes before.

    Args:
        model, inputs, function: As those of `run`.

    Returns:
        For each result of each node a dict: "op", "scope" (the names of the layers), "shape", and "error",
        the largest difference divided by the largest finite number that the node reads or makes (sums that
        cancel out are no errors); infinity where only one of the two is finite.
    """
    graph, values = _recorded(model, inputs, function)
    rows = []
    for node in graph["nodes"]:
        given = [np.asarray(values[i], order="C") for i in node["in"]]
        made = _core.run_op(node["op"], given, node.get("attrs", {}))
        for core, wanted in zip(made, _results(node, given), strict=True):
            place = {"op": node["op"], "scope": node.get("scope", ""), "shape": core.shape}
            rows.append({**place, "error": _error(exact(core), exact(wanted), given)})
        values.extend(made)
    return rows


def _finite(x):
    """Of any dtype, as float64, with 0 for what is not finite."""
    x = exact(x).astype(np.float64)
    return np.where(np.isfinite(x), x, 0.0)


def _error(core, wanted, given):
    if (np.isfinite(core) != np.isfinite(wanted)).any():
        return float("inf")
    largest = max(np.abs(_finite(x)).max(initial=0) for x in (wanted, *given))
    return float(np.abs(_finite(core) - _finite(wanted)).max(initial=0) / (largest or 1.0))
