"""Settings, where they come from, and what an import costs."""

import json
import subprocess
import sys

import convcore
import numpy as np
import pytest
from convcore import config, layers


def run(code, **environment):
    import os

    environment = {**os.environ, **{key: str(value) for key, value in environment.items()}}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False
    )
    return done


def test_defaults_and_setters():
    assert (config.floatx(), config.epsilon(), config.image_data_format()) == (
        "float32",
        1e-7,
        "channels_last",
    )
    config.set_image_data_format("Channels_First")
    assert convcore.backend.image_data_format() == "channels_first"
    config.set_floatx("float64")
    assert layers.Dense(1)(np.ones((1, 1))).dtype == np.float64
    for setter, bad in [
        (config.set_floatx, "float8"),
        (config.set_epsilon, 1),
        (config.set_image_data_format, "NHWC"),
        (config.set_dtype_policy, "mixed_float8"),
    ]:
        with pytest.raises(ValueError, match=str(bad)):
            setter(bad)


def test_files_are_read_and_never_written(tmp_path):
    show = "import convcore; c = convcore.config; print(c.floatx(), c.epsilon(), c.image_data_format())"
    keras_home, home = tmp_path / "keras", tmp_path / "own"
    keras_home.mkdir()
    home.mkdir()
    assert run(show, KERAS_HOME=keras_home, CONVCORE_HOME=home).stdout.split() == [
        "float32",
        "1e-07",
        "channels_last",
    ]
    assert list(keras_home.iterdir()) == list(home.iterdir()) == []
    settings = {"floatx": "float64", "epsilon": 1e-5, "image_data_format": "channels_first", "backend": "jax"}
    (keras_home / "keras.json").write_text(json.dumps(settings))
    assert run(show, KERAS_HOME=keras_home, CONVCORE_HOME=home).stdout.split() == [
        "float64",
        "1e-05",
        "channels_first",
    ]
    (home / "convcore.json").write_text(json.dumps({"epsilon": 1e-6}))
    assert run(show, KERAS_HOME=keras_home, CONVCORE_HOME=home).stdout.split() == [
        "float32",
        "1e-06",
        "channels_last",
    ]
    (home / "convcore.json").write_text("not json")
    assert run(show, KERAS_HOME=keras_home, CONVCORE_HOME=home).stdout.split() == [
        "float32",
        "1e-07",
        "channels_last",
    ]
    (home / "convcore.json").write_text(json.dumps({"floatx": "float8"}))
    assert "floatx: expected one of" in run(show, CONVCORE_HOME=home).stderr


def test_import_is_quiet_and_light():
    code = (
        "import sys, os, numpy, time; start = time.perf_counter(); import convcore; end = "
        "time.perf_counter();"
        "heavy = {'h5py', 'rich', 'matplotlib', 'keras', 'jax', 'torch'} & set(sys.modules);"
        "assert not heavy, heavy; assert len(os.listdir('/proc/self/task')) == threads, 'a thread was "
        "started';"
        "sys.stderr.write(str(end - start))"
    ).replace("import convcore;", "threads = len(os.listdir('/proc/self/task')); import convcore;")
    runs = [run(code) for _ in range(3)]
    assert all(done.returncode == 0 and done.stdout == "" for done in runs), runs[0].stderr
    assert min(float(done.stderr) for done in runs) < 0.2


def test_public_names():
    for name in ("Input", "Model", "Sequential", "Layer", "Variable", "KerasTensor", "Function", "explain"):
        assert getattr(convcore, name)
    for name in (
        "layers",
        "models",
        "ops",
        "activations",
        "initializers",
        "regularizers",
        "constraints",
        "losses",
    ):
        assert getattr(convcore, name).__name__ == f"convcore.{name}"
    assert set(convcore._MODULES) <= set(dir(convcore))
    with pytest.raises(AttributeError, match="nothing_such"):
        _ = convcore.nothing_such


def test_strict_precision_turns_winograd_off_for_models_that_have_run_before():
    model = convcore.Sequential([convcore.Input((16, 16, 32)), layers.Conv2D(32, 3, padding="same")])
    x = np.random.default_rng(1).normal(size=(2, 16, 16, 32)).astype("float32")
    assert config.precision() == "fast"
    fast, plan = model(x), convcore.explain(model)
    config.set_precision("strict")
    try:
        assert config.precision() == "strict"
        strict, strict_plan = model(x), convcore.explain(model)
        np.testing.assert_array_equal(model.predict(x, verbose=0), strict)
        config.set_precision("reference")
        assert config.precision() == "reference"
        plain, plain_plan = model(x), convcore.explain(model)
    finally:
        config.set_precision("fast")
    assert "winograd" in plan.split("simd")[0]
    assert "winograd: strict precision" in strict_plan
    assert "simd: the reference was asked for" in plain_plan
    np.testing.assert_allclose(plain, strict, rtol=1e-5, atol=1e-5)
    assert np.abs(fast - strict).max() < 1e-4
    assert not np.array_equal(fast, strict)
    np.testing.assert_array_equal(model.predict(x, verbose=0), fast)
    with pytest.raises(ValueError, match="exact"):
        config.set_precision("exact")
