"""Hostile archives and configurations: each is refused with ModelFormatError, and nothing else changes."""

import struct
import time
import warnings
import zipfile

import pytest
from convcore import saving
from hostile import NAMES, good_members, refused, with_config, write
from models_to_save import functional


@pytest.fixture
def members():
    return good_members()


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


def test_much_json_from_few_bytes(members, tmp_path):
    text = b'{"config": [' + b"[]," * (16 << 20) + b"0]}"
    path = write(tmp_path / "m.keras", {**members, "config.json": text}, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 1 << 20
    refused(path, "config.json", "bytes")


def test_members_that_are_links(members, tmp_path):
    """A link's member is its target's name, read as the text that it is."""
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o120777 << 16
            archive.writestr(info, b"/etc/passwd" if name == "config.json" else content)
    refused(tmp_path / "m.keras", "config.json", "JSON")


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
