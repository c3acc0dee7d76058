"""The command ``convcore``: each command on real files, as text and as JSON."""

import json

import convcore
import numpy as np
import pytest
from convcore import layers
from convcore.cli import COMMANDS, main


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli")
    model = convcore.Sequential(
        [layers.Input((6, 6, 1)), layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(3)]
    )
    model.compile("sgd", "mse")
    model.save(folder / "m.keras")
    np.save(folder / "x.npy", np.arange(36, dtype="float32").reshape(6, 6, 1))
    return folder, model


def run(capsys, *arguments):
    status = main([str(a) for a in arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_export_verify_and_predict(files, capsys):
    folder, model = files
    assert run(capsys, "export", folder / "m.keras", folder / "m.convcore", "--training")[0] == 0
    status, out, _ = run(capsys, "verify", folder / "m.convcore", "--json")
    assert status == 0 and json.loads(out)["bitwise"]
    x = np.load(folder / "x.npy")[None] * np.float32(0.5)
    scores = model.predict(x, verbose=0)[0]
    for name in ("m.keras", "m.convcore"):
        status, out, _ = run(
            capsys, "predict", folder / name, folder / "x.npy", "--scale", "0.5", "--top", "1", "--json"
        )
        [[[[label, score]]]] = json.loads(out)["predictions"].values()
        assert (
            status == 0 and int(label) == scores.argmax() and score == pytest.approx(scores.max(), rel=1e-5)
        )


def test_summary_and_info(files, capsys):
    folder, model = files
    status, out, _ = run(capsys, "summary", folder / "m.keras")
    assert status == 0 and "conv2d" in out and str(model.count_params()) in out
    model.export(folder / "s.convcore")
    status, out, _ = run(capsys, "summary", folder / "s.convcore", "--json")
    sizes = json.loads(out)["variables"]
    assert sum(n for name, n in sizes.items() if name.startswith("layers/")) == model.count_params()
    status, out, _ = run(capsys, "info", "--json")
    assert status == 0 and json.loads(out)["version"] == convcore.__version__


def test_bench(files, capsys):
    folder, _ = files
    status, out, _ = run(capsys, "bench", folder / "m.keras", "--seconds", "0.05", "--batch", "2", "--json")
    assert status == 0 and json.loads(out)["milliseconds"]["median"] > 0


def test_errors_end_with_one_line_and_status_1(files, capsys):
    folder, _ = files
    status, out, err = run(capsys, "verify", folder / "none.convcore")
    assert status == 1 and out == "" and err.startswith("convcore verify: ") and err.count("\n") == 1
    (folder / "bad.convcore").write_bytes(b"nonsense")
    assert run(capsys, "verify", folder / "bad.convcore")[0] == 1
    assert run(capsys)[0] == 2


def test_wrong_use_is_told_in_one_line(files, capsys):
    """Words that the line must have, in any order; the command's name stands there once."""
    folder, _ = files
    (folder / "text.npy").write_text("no array")
    assert run(capsys, "export", folder / "m.keras", folder / "m.convcore")[0] == 0
    mistakes = {
        ("check", "m.convcore"): ".keras .h5 verify",
        ("check", "none.keras"): "none.keras found",
        ("summary", "none.keras"): "none.keras found",
        ("verify", "m.keras"): "m.keras: .convcore",
        ("export", "m.keras", "no/m.convcore"): "folder Create",
        ("export", "m.keras", "m.onnx"): ".convcore m.onnx",
        ("predict", "m.convcore", "none.npy"): "none.npy: No such file",
        ("predict", "m.convcore", "none.png"): "none.png: image",
        ("predict", "m.convcore", "text.npy"): "text.npy: np.save",
        ("predict", "m.convcore", "text.npy", "--top", "0"): "--top 1 0",
        ("bench", "m.keras", "--batch", "0"): "--batch 1 0",
    }
    for (command, *arguments), words in mistakes.items():
        status, out, err = run(capsys, command, *(folder / x if "." in x else x for x in arguments))
        assert (status, out, err.count("\n")) == (1, "", 1), err
        assert err.startswith(f"convcore {command}: ") and f"{command}: {command}:" not in err
        assert all(word in err for word in words.split()), err


def test_each_command_shows_an_example(capsys):
    for command in COMMANDS:
        with pytest.raises(SystemExit) as ended:
            run(capsys, command, "--help")
        assert ended.value.code == 0 and f"Example: convcore {command}" in capsys.readouterr().out
