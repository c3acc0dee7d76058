"""Loads mutated model files, each of which must give a model or ModelFormatError within a second and 200 MB,
and opens no other file: PYTHONPATH=python python tests/python/mutate_files.py 2000

`mutate_files.py fields [NAME...]` exchanges every value of configurations instead (`mutate_fields.py`).
"""

import difflib  # noqa: F401  messages would import it, while it is watched which files are opened
import json
import random
import resource
import sys
import tempfile
import time
import warnings
import zipfile
from pathlib import Path

import mutate_fields
from convcore import saving
from hostile import NAMES, good_members, places, write
from models_to_save import functional, trained
from test_random_damage import STRANGE, damaged

SECONDS, MEGABYTES = 1.0, 200


def changed_config(members, r):
    """Members with values of the configuration exchanged, deleted, nested deeply or given twice."""
    text = members["config.json"]
    if r.random() < 0.1:
        depth = r.choice([50, 1000, 100_000])
        return {**members, "config.json": b'{"class_name":' + b"[" * depth + b"]" * depth + b"}"}
    if r.random() < 0.1:
        return {**members, "config.json": text[:-1] + b', "config": {}, "class_name": "Dense"}'}
    config = json.loads(text)
    for _ in range(r.randint(1, 3)):
        container, key = r.choice(list(places(config)))
        container[key] = r.choice(STRANGE)
    return {**members, "config.json": json.dumps(config).encode()}


def mutate(kind, folder, sources, r):
    """The path of one mutated file."""
    members, legacy, exported = sources
    path = folder / {"h5": "m.h5", "convcore": "m.convcore"}.get(kind, "m.keras")
    if kind == "h5":
        path.write_bytes(damaged(legacy, r))
    elif kind == "convcore":
        path.write_bytes(damaged(exported, r))
    elif kind == "archive":
        content = damaged(write(path, members).read_bytes(), r)
        path.write_bytes(content[: r.randrange(len(content))] if r.random() < 0.2 else content)
    elif kind == "config":
        write(path, changed_config(members, r))
    else:
        name = r.choice(NAMES)
        write(path, {**members, name: damaged(members[name], r)})
    return path


def sources_in(folder):
    """(members of an archive, a file of Keras 2's layout, an exported file), all good."""
    model = trained("sequential")
    model.save(folder / "good.h5")
    model.export(folder / "good.convcore")
    functional().save(folder / "good.keras")
    with zipfile.ZipFile(folder / "good.keras") as archive:
        members = {name: archive.read(name) for name in NAMES}
    legacy, exported = ((folder / f"good.{ending}").read_bytes() for ending in ("h5", "convcore"))
    return [(good_members(), legacy, exported), (members, legacy, exported)]


def load(path):
    """Whether the file was refused, and the seconds that took."""
    begin = time.process_time()  # of this process: others may hold it up
    try:
        if path.suffix == ".convcore":
            saving.ExportedModel(path)
        else:
            saving.load_model(path)
    except saving.ModelFormatError as error:
        assert str(error)
        return True, time.process_time() - begin
    return False, time.process_time() - begin


def run(count, seed=0):
    """(refused, seconds of the slowest, megabytes that all together added); raises on anything else."""
    opened, r = [], random.Random(seed)
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folder = Path(name)
        sources = sources_in(folder)
        for ending in ("h5", "convcore", "keras"):  # what loading imports is imported now
            load(folder / f"good.{ending}")
        watching = [False]

        def hook(event, arguments):
            if watching[0] and event in ("open", "os.system", "subprocess.Popen", "socket.connect"):
                opened.append((event, str(arguments[0])))

        sys.addaudithook(hook)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        refused, slowest = 0, 0.0
        for _ in range(count):
            kind = r.choice(["archive", "config", "config", "members", "members", "h5", "convcore"])
            path = mutate(kind, folder, r.choice(sources), r)
            opened.clear()
            watching[0] = True
            failed, seconds = load(path)
            watching[0] = False
            others = [entry for entry in opened if entry[0] != "open" or entry[1] != str(path)]
            assert not others, others
            refused, slowest = refused + failed, max(slowest, seconds)
            assert seconds < SECONDS, (kind, seconds)
    added = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert added < MEGABYTES, added
    return refused, slowest, added


if __name__ == "__main__":
    if sys.argv[1] == "fields":
        files, refused, slowest, added = mutate_fields.run(names=sys.argv[2:])
    else:
        files, (refused, slowest, added) = int(sys.argv[1]), run(int(sys.argv[1]))
    print(f"{files} files, {refused} refused, the slowest in {slowest:.2f} s, {added:.0f} MB more")
