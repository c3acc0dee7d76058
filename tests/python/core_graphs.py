"""Small graphs and variables of the extension, and a fresh interpreter, for the tests of the core."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from convcore import _core


def variable(values, name="v"):
    array = np.asarray(values)
    made = _core.Variable(array.dtype.name, array.shape, name)
    made.array[...] = array
    made.touch()
    return made


def identity(dtype="float32", shape=(None, 4), name="x"):
    graph = _core.Graph()
    graph.output(graph.input(dtype, shape, name))
    return _core.Function(graph)


def small_network(rng, hidden=64):
    """conv, relu, dense, and the gradients of a loss with respect to both kernels."""
    kernel = variable(rng.standard_normal((3, 3, 3, hidden)).astype(np.float32), "kernel")
    weights = variable(rng.standard_normal((hidden, 10)).astype(np.float32), "weights")
    graph = _core.Graph()
    x = graph.input("float32", (None, 12, 12, 3), "x")
    k, w = graph.variable(kernel), graph.variable(weights)
    (h,) = graph.emit("conv", [x, k], {"padding": "same"})
    (h,) = graph.emit("relu", [h])
    (y,) = graph.emit("dense", [h, w])
    (loss,) = graph.emit("sum", graph.emit("square", [y]))
    for value in [y, loss, *graph.gradients(loss, [k, w])]:
        graph.output(value)
    return _core.Function(graph)


def run_python(code, **env):
    """Runs `code` in a fresh interpreter; returns what it printed."""
    path = os.pathsep.join([str(Path(_core.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path, **env},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
