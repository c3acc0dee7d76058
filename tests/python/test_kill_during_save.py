"""Processes killed while they save over a file: the name always holds a complete old or new one.

The suite kills some; any number: PYTHONPATH=python python tests/python/test_kill_during_save.py 200
"""

import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

import convcore
import numpy as np
import pytest
from convcore import layers

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked processes")
ENDINGS = (".keras", ".weights.h5", ".convcore")


def model():
    return convcore.Sequential([convcore.Input((64,)), layers.Dense(256), layers.Dense(64)])


def save_forever(made, path, begun):
    """Alternates between weights that are all 2 and all 1."""
    ones = made.get_weights()
    os.write(begun, b"x")
    while True:
        for factor in (2, 1):
            made.set_weights([np.full_like(w, factor) for w in ones])
            write(made, path)


def write(made, path):
    if path.name.endswith(".keras"):
        made.save(path)
    elif path.name.endswith(".convcore"):
        made.export(path, sample=False)
    else:
        made.save_weights(path)


def versions_in(path):
    """The values found in the weights of a file, which must be a good one."""
    if path.name.endswith(".keras"):
        made = convcore.models.load_model(path)
    else:
        made = model()
        made.load_weights(path)
    return {float(value) for w in made.get_weights() for value in np.unique(w)}


def kill_one(made, path, delay):
    """A child saves over the file until it is killed; the values that the file holds then."""
    begins, begun = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            save_forever(made, path, begun)
        finally:
            os._exit(1)
    os.read(begins, 1)
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(begins)
    os.close(begun)
    assert os.WIFSIGNALED(status), f"the child ended with {status}"
    return versions_in(path)


def kill_many(folder, ending, count, seed=0):
    """(how often the old and the new version were found, temporary files left behind)"""
    path, r, made = Path(folder) / f"m{ending}", random.Random(seed), model()
    made.set_weights([np.full_like(w, 1) for w in made.get_weights()])
    begin = time.perf_counter()
    write(made, path)
    seconds = time.perf_counter() - begin
    found = {1.0: 0, 2.0: 0}
    for _ in range(count):
        (value,) = kill_one(made, path, r.uniform(0, 4 * seconds))
        found[value] += 1
    left = [file for file in path.parent.iterdir() if file != path]
    assert all(file.name.endswith(".part") for file in left)
    return found, len(left)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("ending", ENDINGS)
def test_files_survive_kills(ending, tmp_path):
    kill_many(tmp_path, ending, 6)


if __name__ == "__main__":
    for ending in ENDINGS:
        with tempfile.TemporaryDirectory() as folder:
            found, left = kill_many(folder, ending, int(sys.argv[1]))
            print(f"{ending}: the versions {found[1.0]} and {found[2.0]} times; {left} temporary files left")
