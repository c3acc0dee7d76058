"""autotune: what it measures, remembers and leaves as it was."""

import json
import os

import convcore as cc
import numpy as np
import pytest
from convcore import _core
from core_graphs import run_python

X = np.random.default_rng(0).standard_normal((3, 14, 14, 32)).astype("float32")


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    path = tmp_path / "new" / "autotune.json"
    monkeypatch.setenv("CONVCORE_AUTOTUNE_FILE", str(path))
    yield path
    _core.set_choices({})


def network():
    cc.utils.set_random_seed(1)
    return cc.Sequential(
        [
            cc.Input((14, 14, 32)),
            cc.layers.Conv2D(32, 3, padding="same", activation="relu"),
            cc.layers.GlobalAveragePooling2D(),
            cc.layers.Dense(2),
        ]
    )


def other_choice(rows):
    (row,) = rows
    assert set(row["milliseconds"]) == {"simd", "winograd"}
    return {row["problem"]: next(name for name in row["milliseconds"] if name != row["implementation"])}


def test_the_choice_is_used_remembered_and_forgotten(file):
    model = network()
    before = model.predict(X, verbose=0)
    rows = cc.autotune(model, X)
    key = f"{cc.__version__} {_core.isa()}"
    assert json.loads(file.read_text()) == {key: {rows[0]["problem"]: rows[0]["implementation"]}}
    other = other_choice(rows)
    file.write_text(json.dumps({key: other, "0.0 avx9": {"problem": "name"}}))
    script = "import convcore; from convcore import _core; print(_core.choices())"
    assert run_python(script, CONVCORE_AUTOTUNE_FILE=str(file)) == str(other)
    _core.set_choices(other)
    name = next(iter(other.values()))
    assert any(f"  {name}  " in line for line in model.explain().splitlines() if "conv2d" in line)
    tuned = model.predict(X, verbose=0)
    np.testing.assert_allclose(tuned, before, rtol=1e-4, atol=1e-5)
    for i in range(3):
        np.testing.assert_array_equal(model.predict(X[i : i + 1], verbose=0), tuned[i : i + 1])
    cc.forget_autotune()
    assert not os.path.exists(file) and _core.choices() == {}
    np.testing.assert_array_equal(model.predict(X, verbose=0), before)


def test_training_steps_are_measured_without_changing_the_model():
    model = network()
    model.compile("sgd", "mse")
    before = model.get_weights()
    rows = cc.autotune(model, X, np.zeros((3, 2)))
    ops = {row["problem"].split("(")[0] for row in rows}
    assert ops == {"conv", "conv_backward_filter_bias"}
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"a": {"b": 1}}', "[" * 100000, "\ud800"])
def test_a_damaged_file_is_a_warning_and_no_more(file, content):
    file.parent.mkdir()
    file.write_bytes(content.encode("utf-8", "surrogatepass"))
    script = (
        "import warnings; warnings.simplefilter('error', ResourceWarning)\n"
        "with warnings.catch_warnings(record=True) as seen:\n"
        "    warnings.simplefilter('always'); import convcore\n"
        "print(len(seen), 'Delete it' in str(seen[0].message))"
    )
    assert run_python(script, CONVCORE_AUTOTUNE_FILE=str(file)) == "1 True"


def test_arrays_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="32"):
        cc.autotune(network(), X[..., :5])
    with pytest.raises(ValueError, match="compile"):
        cc.autotune(network(), X, np.zeros((3, 2)))
