"""Damaged and hostile files: each is refused with ModelFormatError or loads, and nothing else changes."""

import io
import json
import os
import random
import struct
import subprocess
import sys
import time
import warnings
import zipfile

import convcore
import h5py
import numpy as np
import pytest
from convcore import layers, saving
from convcore.saving import ModelFormatError
from models_to_save import functional, sequential, trained

NAMES = ("metadata.json", "config.json", "model.weights.h5")


@pytest.fixture(scope="module")
def members(tmp_path_factory):
    """The members of a good file."""
    path = tmp_path_factory.mktemp("good") / "m.keras"
    trained("sequential").save(path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in NAMES}


def write(path, members, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def refused(path, *words, **arguments):
    with pytest.raises(ModelFormatError) as error:
        saving.load_model(path, **arguments)
    assert isinstance(error.value, ValueError)
    for word in words:
        assert word in str(error.value), str(error.value)


def with_config(path, members, change):
    """A file whose config was changed by a function."""
    config = json.loads(members["config.json"])
    changed = change(config)
    return write(path, {**members, "config.json": json.dumps(config if changed is None else changed)})


def dense_weights(change):
    """The bytes of a weights file for Dense(3) on 4 features, after `change(file)`."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        group = file.create_group("layers/dense/vars")
        group["0"] = np.ones((4, 3), "float32")
        group["1"] = np.ones(3, "float32")
        change(file, group)
    return buffer.getvalue()


def refused_weights(tmp_path, content, *words):
    """`load_weights` refuses the bytes and leaves the model alone."""
    model = convcore.Sequential([convcore.Input((4,)), layers.Dense(3)])
    before = model.get_weights()
    (tmp_path / "m.weights.h5").write_bytes(content)
    with pytest.raises(ModelFormatError) as error:
        model.load_weights(tmp_path / "m.weights.h5")
    for word in words:
        assert word in str(error.value), str(error.value)
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


# The archive


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.9, 0.999])
def test_truncated_archives(members, share, tmp_path):
    content = write(tmp_path / "m.keras", members).read_bytes()
    (tmp_path / "m.keras").write_bytes(content[: int(share * len(content))])
    refused(tmp_path / "m.keras", "m.keras")


@pytest.mark.parametrize("name", NAMES)
def test_missing_members(members, name, tmp_path):
    refused(write(tmp_path / "m.keras", {k: v for k, v in members.items() if k != name}), name)


@pytest.mark.parametrize("name", ["/etc/passwd", "../m", "a/../../m", "\\windows", "C:/m", "a\\..\\m"])
def test_members_that_point_out_of_the_archive(members, name, tmp_path):
    refused(write(tmp_path / "m.keras", {**members, name: b"x"}), "out of it")


def test_members_that_come_twice(members, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
            for name, content in [*members.items(), ("config.json", b"{}")]:
                archive.writestr(name, content)
    refused(tmp_path / "m.keras", "config.json", "twice")


def test_other_members_are_ignored(members, tmp_path):
    saving.load_model(write(tmp_path / "m.keras", {**members, "assets/notes.txt": b"x"}))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compression_methods(members, method, tmp_path):
    refused(write(tmp_path / "m.keras", members, method), "compression method")


def test_compression_bombs(members, tmp_path):
    bomb = {**members, "model.weights.h5": bytes(200 << 20)}
    path = write(tmp_path / "m.keras", bomb, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 1 << 20
    refused(path, "model.weights.h5", "declared size")


@pytest.mark.parametrize("field, size", [("compress_size", 1 << 31), ("file_size", 1 << 31)])
def test_absurd_declared_sizes(members, field, size, tmp_path):
    path = write(tmp_path / "m.keras", members)
    content = bytearray(path.read_bytes())
    place = content.index(
        b"PK\x01\x02", content.index(b"PK\x01\x02") + 1
    )  # the directory's entry of config.json
    struct.pack_into("<I", content, place + {"compress_size": 20, "file_size": 24}[field], size)
    path.write_bytes(content)
    refused(path, "config.json")


def test_wrong_checksums(members, tmp_path):
    path = write(tmp_path / "m.keras", members)
    content = bytearray(path.read_bytes())
    content[content.index(b'"Sequential"') + 3] ^= 1
    path.write_bytes(content)
    refused(path, "config.json", "CRC")


def test_encrypted_members(members, tmp_path):
    path = write(tmp_path / "m.keras", members)
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    refused(path, "password")


# config.json


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[1]", b"null", b"7", b'"text"', b"\xff\xfe{}", b'{"a": ' + b"9" * 5000 + b"}"]
)
def test_config_that_is_no_json_object(members, text, tmp_path):
    refused(
        write(tmp_path / "m.keras", {**members, "config.json": text}),
        "config.json" if len(text) < 99 else "digits",
    )


@pytest.mark.parametrize("depth", [200, 5_000, 1_000_000])
def test_deeply_nested_json(members, depth, tmp_path):
    for opening, closing in ((b"[", b"]"), (b'{"config":', b"}")):
        text = b'{"a":' + opening * depth + b"1" + closing * depth + b"}"
        refused(write(tmp_path / "m.keras", {**members, "config.json": text}), "nested")


def test_all_unknown_classes_are_listed_in_one_error(members, tmp_path):
    def change(config):
        config["config"]["layers"][1]["class_name"] = "Fancy"
        config["config"]["layers"][3]["class_name"] = "Os"
        config["config"]["layers"][3]["module"] = "os"
        config["config"]["layers"][2]["registered_name"] = "someone>Norm"

    refused(
        with_config(tmp_path / "m.keras", members, change), "Fancy", "Os", "someone>Norm", "custom_objects"
    )


@pytest.mark.parametrize(
    "module, name",
    [
        ("os", "system"),
        ("subprocess", "Popen"),
        ("builtins", "eval"),
        ("convcore.saving", "load_model"),
        ("convcore.random", "set_random_seed"),
        ("", "object"),
    ],
)
def test_nothing_is_imported_by_name(members, module, name, tmp_path):
    def change(config):
        config["config"]["layers"].append(
            {"module": module, "class_name": name, "config": {"command": "touch x"}}
        )

    def change_function(config):
        dense = config["config"]["layers"][-1]["config"]
        dense["activation"] = {
            "module": module,
            "class_name": "function",
            "config": name,
            "registered_name": name,
        }

    refused(with_config(tmp_path / "m.keras", members, change), name)
    refused(with_config(tmp_path / "m.keras", members, change_function), name)


def test_python_lambdas_are_never_run(members, tmp_path):
    def change(config):
        code = {"class_name": "__lambda__", "config": {"code": "4wEAAAA=", "defaults": None, "closure": None}}
        config["config"]["layers"][-1]["config"]["activation"] = code

    refused(with_config(tmp_path / "m.keras", members, change), "lambda")
    refused(with_config(tmp_path / "m.keras", members, change), "lambda", safe_mode=False)


def _set(*path, value):
    def change(config):
        for key in path[:-1]:
            config = config[key]
        config[path[-1]] = value

    return change


DENSE = ("config", "layers", -1, "config")


@pytest.mark.parametrize(
    "change",
    [
        _set("config", value=3),
        _set("config", value=None),
        _set("config", value=["a"]),
        _set("class_name", value=["Sequential"]),
        _set("class_name", value="Dense"),
        _set("config", "layers", value=None),
        _set("config", "layers", value={"a": 1}),
        _set("config", "layers", value=[1, 2]),
        _set("config", "layers", -1, value={"class_name": "Dense"}),
        _set("config", "name", value=7),
        _set("config", "name", value="a/b"),
        _set(*DENSE, value="text"),
        _set(*DENSE, "units", value=-1),
        _set(*DENSE, "units", value=0),
        _set(*DENSE, "units", value="many"),
        _set(*DENSE, "units", value=1e300),
        _set(*DENSE, "units", value=[1]),
        _set(*DENSE, "unknown_key", value=5),
        _set(*DENSE, "activation", value="no_such_function"),
        _set(*DENSE, "activation", value={"class_name": "Dense", "config": {"units": 1}}),
        _set(*DENSE, "kernel_initializer", value={"class_name": "Constant", "config": {"value": "x"}}),
        _set(*DENSE, "dtype", value="complex64"),
        _set(*DENSE, "dtype", value={"class_name": "__numpy__", "config": {"value": [1], "dtype": "object"}}),
        _set("config", "layers", 1, "config", "kernel_size", value=[3, 10**12]),
        _set("config", "layers", 1, "config", "filters", value=None),
        _set("compile_config", "optimizer", "config", "learning_rate", value="fast"),
        _set("compile_config", "optimizer", "config", "no_such_argument", value=1),
        _set("compile_config", "metrics", value="accuracy"),
        _set("compile_config", "metrics", value=[["accuracy"], {"class_name": "Dense", "config": {}}]),
        _set("compile_config", value=[1]),
        _set("config", "layers", 1, "config", "filters", value=10**15),
        _set("config", "layers", 0, "config", "batch_shape", value=[None, 10**18, 10**18, 10**18]),
        _set("config", "layers", 0, "config", "batch_shape", value=[None, -8, 8, 1]),
    ],
)
def test_configs_that_make_no_model(members, change, tmp_path):
    refused(with_config(tmp_path / "m.keras", members, change), "m.keras")


def test_sizes_are_limited_by_the_weights_present(members, tmp_path):
    def change(config):
        config["config"]["layers"][-1]["config"]["units"] = 10**9

    begin = time.perf_counter()
    refused(with_config(tmp_path / "m.keras", members, change), "dense", "1000000000")
    assert time.perf_counter() - begin < 5


def test_graphs_that_lead_nowhere(tmp_path):
    functional().save(tmp_path / "m.keras")
    with zipfile.ZipFile(tmp_path / "m.keras") as archive:
        members = {name: archive.read(name) for name in NAMES}

    def loop(config):  # the first layer waits for the last one
        shared = next(entry for entry in config["config"]["layers"] if entry["name"] == "shared")
        shared["inbound_nodes"][0]["args"][0]["config"]["keras_history"] = ["out", 0, 0]

    def missing(config):
        config["config"]["output_layers"] = ["nobody", 0, 0]

    def beyond(config):
        config["config"]["output_layers"] = ["out", 10**9, 0]

    for change in (loop, missing, beyond):
        refused(with_config(tmp_path / "bad.keras", members, change), "config.json")


def test_unknown_optimizers_leave_an_uncompiled_model(members, tmp_path):
    def change(config):
        config["compile_config"]["optimizer"]["class_name"] = "Magic"

    with pytest.warns(UserWarning, match="Magic"):
        model = saving.load_model(with_config(tmp_path / "m.keras", members, change))
    assert not model.compiled


# Weights


def _external_link(file, group):
    del group["0"]
    group["0"] = h5py.ExternalLink("/etc/passwd", "/")


def _soft_link(file, group):
    del group["0"]
    group["0"] = h5py.SoftLink("/layers/dense/vars/1")


def _external_storage(file, group):
    del group["0"]
    group.create_dataset("0", (4, 3), "float32", external=[("/etc/passwd", 0, 48)])


def _virtual(file, group):
    del group["0"]
    layout = h5py.VirtualLayout((4, 3), "float32")
    layout[:] = h5py.VirtualSource("other.h5", "x", (4, 3))
    group.create_virtual_dataset("0", layout)


def _replace(value, **arguments):
    def change(file, group):
        del group["0"]
        group.create_dataset("0", data=value, **arguments)

    return change


def _absurd(file, group):
    del group["0"]
    group.create_dataset("0", (1 << 40, 1 << 20), "float32", chunks=(16, 16))


def _never_written(file, group):
    del group["0"]
    group.create_dataset("0", (4, 3), "float32", chunks=(4, 3))


def _group_instead(file, group):
    del group["0"]
    group.create_group("0")


def _root_cycle(file, group):
    del file["layers"]
    file["layers"] = file["/"]


ONES = np.ones((4, 3), "float32")


@pytest.mark.parametrize(
    "change, words",
    [
        (_external_link, ("an external link",)),
        (_soft_link, ("a soft link",)),
        (_external_storage, ("external storage",)),
        (_virtual, ("virtual",)),
        (_replace(np.ones((3, 4), "float32")), ("(4, 3)", "(3, 4)", "dense")),
        (_replace(np.ones((4, 3), "complex64")), ("type",)),
        (_replace(np.array(["a", "b"], dtype="S4")), ("type",)),
        (_replace(np.array(["a", "b"], dtype=object), dtype=h5py.string_dtype()), ("type",)),
        (_replace(ONES, chunks=(4, 3), compression="lzf"), ("filter",)),
        (_absurd, ("size",)),
        (_never_written, ("chunk",)),
        (_group_instead, ("dataset",)),
        (_root_cycle, ("2 variables", "received 0")),
        (lambda file, group: group.create_dataset("2", data=ONES), ("2 variables", "received 3")),
        (lambda file, group: group.pop("1"), ("2 variables", "received 1")),
        (lambda file, group: group.move("1", "one"), ("2 variables",)),
        (lambda file, group: file.pop("layers"), ("2 variables", "received 0")),
    ],
)
def test_weights_that_are_refused(change, words, tmp_path):
    refused_weights(tmp_path, dense_weights(change), *words)


@pytest.mark.parametrize(
    "options", [{"chunks": (2, 2)}, {"compression": "gzip", "shuffle": True}, {"fletcher32": True}]
)
def test_chunked_and_compressed_datasets_load(options, tmp_path):
    value = np.arange(12, dtype="float32").reshape(4, 3)
    (tmp_path / "m.weights.h5").write_bytes(dense_weights(_replace(value, **options)))
    model = convcore.Sequential([convcore.Input((4,)), layers.Dense(3)])
    model.load_weights(tmp_path / "m.weights.h5")
    np.testing.assert_array_equal(model.get_weights()[0], value)


@pytest.mark.parametrize("content", [b"", b"text", b"\x89HDF\r\n\x1a\n", b"\x89HDF\r\n\x1a\n" + bytes(500)])
def test_files_that_are_not_hdf5(content, tmp_path):
    refused_weights(tmp_path, content, "m.weights.h5")


def test_truncated_weights(tmp_path):
    content = dense_weights(lambda file, group: None)
    for size in range(0, len(content) - 1, 97):
        refused_weights(tmp_path, content[:size])


def test_one_bad_layer_leaves_all_layers_alone(tmp_path):
    model = trained("sequential")
    model.save_weights(tmp_path / "m.weights.h5")
    other = sequential()
    other.compile("adam", loss="sparse_categorical_crossentropy")
    other.optimizer.build(other.trainable_variables)
    before = [v.numpy() for v in [*other.weights, *other.optimizer.variables]]
    with h5py.File(tmp_path / "m.weights.h5", "r+") as file:
        del file["layers/dense/vars/1"]
    with pytest.raises(ModelFormatError, match="dense"):
        other.load_weights(tmp_path / "m.weights.h5")
    for old, variable in zip(before, [*other.weights, *other.optimizer.variables], strict=True):
        np.testing.assert_array_equal(old, variable.numpy(), err_msg=variable.path)


def test_a_users_loader_that_fails_half_way_changes_nothing(tmp_path):
    class Fussy(layers.Layer):
        def build(self, input_shape):
            self.w = self.add_weight((2,), "zeros", name="w")

        def call(self, x):
            return x + self.w

        def load_own_variables(self, store):
            self.w.assign(store["0"])
            raise RuntimeError("no")

    model = convcore.Sequential([convcore.Input((2,)), layers.Dense(2), Fussy()])
    model.save_weights(tmp_path / "m.weights.h5")
    other = convcore.Sequential([convcore.Input((2,)), layers.Dense(2), Fussy()])
    other.layers[0].set_weights([np.full((2, 2), 7.0), np.full(2, 7.0)])
    other.layers[1].w.assign([5.0, 5.0])
    before = other.get_weights()
    try:
        other.load_weights(tmp_path / "m.weights.h5")
    except (ModelFormatError, RuntimeError):
        pass
    else:
        pytest.fail("the loader's error was swallowed")
    for a, b in zip(before[:2], other.get_weights()[:2], strict=True):
        np.testing.assert_array_equal(a, b)


# Random damage


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
    begin = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            load()
        except ModelFormatError as error:
            assert str(error)
            return True
        finally:
            assert time.perf_counter() - begin < seconds
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


def places(value):
    """(container, key) of everything inside a parsed JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield value, key
        yield from places(item)


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


def test_reading_opens_no_other_file_and_starts_nothing(members, tmp_path):
    """A Python audit hook watches a process that loads hostile files."""
    write(tmp_path / "good.keras", members)
    hostile = write(tmp_path / "bad.keras", {**members, "model.weights.h5": dense_weights(_external_link)})
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
