"""Keras on its NumPy backend, in one process beside the tests: it computes in milliseconds, where no gradient
is needed, what JAX first compiles for seconds.

A module of cases has a function `answers(keras)`; `ask(module)` returns what it returns there.
"""

import atexit
import importlib
import importlib.util
import os
import pickle
import subprocess
import sys

_worker = None


def ask(module):
    """The answers of Keras for a module of cases; skips the test module where Keras is not installed."""
    import pytest

    if importlib.util.find_spec("keras") is None:
        pytest.skip("Keras, the oracle of these tests, is not installed", allow_module_level=True)
    worker = _started()
    pickle.dump(module, worker.stdin)
    worker.stdin.flush()
    answer = pickle.load(worker.stdout)
    if isinstance(answer, str):
        raise RuntimeError(f"Keras on NumPy failed for {module}:\n{answer}")
    return answer


def _started():
    global _worker
    if _worker is None:
        _worker = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "KERAS_BACKEND": "numpy"},
        )
        atexit.register(_worker.stdin.close)
    return _worker


def serve():
    """Answers until the tests end; what Keras prints goes to standard error."""
    import traceback

    out, sys.stdout = sys.stdout.buffer, sys.stderr
    import keras

    while True:
        try:
            module = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            answer = importlib.import_module(module).answers(keras)
        except Exception:
            answer = traceback.format_exc()
        pickle.dump(answer, out)
        out.flush()


if __name__ == "__main__":
    serve()
