"""Files damaged at random, from a fixed seed: each loads or is refused, in bounded time."""

import ast
import json
import os
import random
import subprocess
import sys
import time
import warnings
import zipfile

import h5py
import mutate_fields
import numpy as np
import pytest
from convcore import saving
from convcore.saving import ModelFormatError
from core_graphs import run_python
from hostile import NAMES, dense_weights, good_members, places, write
from models_to_save import functional, sequential


@pytest.fixture
def members():
    return good_members()


def damaged(content, r):
    """Bytes overwritten, cut out, or taken from elsewhere in the file."""
    content = bytearray(content)
    for _ in range(r.randint(1, 6)):
        place = r.randrange(len(content))
        kind = r.random()
        if kind < 0.7:
            content[place] = r.randrange(256)
        elif kind < 0.8:
            del content[place : place + r.randint(1, 64)]
        elif kind < 0.9:
            other = r.randrange(len(content))
            content[place : place + 8] = content[other : other + 8]
        else:
            content[place : place + 8] = b"\xff" * len(content[place : place + 8])
    return bytes(content)


def attempt(load, seconds):
    begin = time.process_time()  # of this process: others may hold it up
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            load()
        except ModelFormatError as error:
            assert str(error)
            return True
        finally:
            assert time.process_time() - begin < seconds
    return False


def test_random_damage_to_archives(members, tmp_path):
    """Members are damaged below their checksums too, as a hostile writer would."""
    r, path = random.Random(2), tmp_path / "m.keras"
    refusals = 0
    for round_ in range(150):
        if round_ % 3:
            name = r.choice(NAMES)
            write(path, {**members, name: damaged(members[name], r)})
        else:
            path.write_bytes(damaged(write(path, members).read_bytes(), r))
        refusals += attempt(lambda: saving.load_model(path), 5)
    assert refusals > 50


STRANGE = [
    None,
    True,
    -1,
    0,
    3,
    10**18,
    1e308,
    float("nan"),
    "",
    "x",
    "a/b",
    "relu",
    "Dense",
    [],
    [1],
    [None],
    {},
]
STRANGE += [
    {"class_name": "Dense", "config": {"units": 3}},
    ["out", 0, 0],
    {"class_name": "function", "config": "relu"},
]


def test_random_changes_of_the_configuration(tmp_path):
    r, path = random.Random(4), tmp_path / "m.keras"
    functional().save(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in NAMES}
    refusals = 0
    for _ in range(200):
        config = json.loads(members["config.json"])
        for _ in range(r.randint(1, 3)):
            container, key = r.choice(list(places(config)))
            if r.random() < 0.2:
                del container[key]
            else:
                container[key] = json.loads(json.dumps(r.choice(STRANGE)))
        write(path, {**members, "config.json": json.dumps(config)})
        refusals += attempt(lambda: saving.load_model(path), 5)
    assert refusals > 50


def test_random_damage_to_weights(members, tmp_path):
    r, path = random.Random(3), tmp_path / "m.weights.h5"
    model = sequential()
    refusals = 0
    for _ in range(600):
        path.write_bytes(damaged(members["model.weights.h5"], r))
        before = model.get_weights()
        if attempt(lambda: model.load_weights(path), 2):
            refusals += 1
            for a, b in zip(before, model.get_weights(), strict=True):
                np.testing.assert_array_equal(a, b)
    assert refusals > 200


def test_mutated_files_open_no_other_file_within_a_second():
    """More of them: `mutate_files.py`."""
    folder = os.path.dirname(__file__)
    code = f"import sys; sys.path.insert(0, {folder!r}); import mutate_files as m; print(m.run(150))"
    printed = run_python(code)
    refused, slowest, _ = ast.literal_eval(printed)
    assert 50 < refused < 150 and slowest < 1


def test_files_with_one_strange_value():
    """All of them: `mutate_files.py fields`."""
    files, refused, slowest, _ = mutate_fields.run(pick=240)
    assert files / 4 < refused < files and slowest < 1


def test_reading_opens_no_other_file_and_starts_nothing(members, tmp_path):
    """A Python audit hook watches a process that loads hostile files."""
    write(tmp_path / "good.keras", members)
    hostile = write(tmp_path / "bad.keras", {**members, "model.weights.h5": dense_weights(external_link)})
    code = f"""
import sys
import convcore, convcore.saving, convcore.saving.files
from convcore import layers, models, optimizers, losses, metrics
seen = []
def load(path):
    try:
        convcore.saving.load_model(path)
    except ValueError as error:
        print(error)
load({str(tmp_path / "good.keras")!r})
def hook(event, arguments):
    if event in ("open", "os.system", "subprocess.Popen", "socket.connect", "exec", "marshal.loads"):
        seen.append((event, str(arguments[0])))
sys.addaudithook(hook)
load({str(hostile)!r})
allowed = [entry for entry in seen if entry[0] == "open" and entry[1] == {str(hostile)!r}]
sys.exit(str(seen) if seen != allowed or not allowed else 0)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ)
    assert result.returncode == 0, result.stderr
    assert "expected" in result.stdout


def external_link(file, group):
    del group["0"]
    group["0"] = h5py.ExternalLink("/etc/passwd", "/")
