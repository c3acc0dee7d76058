"""The command ``convcore``: each command on real files, as text and as JSON."""

import json

import convcore
import numpy as np
import pytest
from convcore import layers
from convcore.cli import main


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
