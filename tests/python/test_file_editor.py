"""KerasFileEditor: what it shows, changes and writes, on files of ours and of Keras."""

import convcore
import h5py
import numpy as np
import pytest
from convcore import layers, saving, tree
from convcore.saving import KerasFileEditor
from oracle import keras


def network(k, more=False):
    x = k.Input((2,))
    y = k.layers.Dense(3, name="hidden")(x)
    if more:
        y = k.layers.Dense(3, name="another")(y)
    inner = k.Sequential(
        [k.Input((3,)), k.layers.Conv1D(2, 1) if more == 2 else k.layers.Dense(2)], name="inner"
    )
    return k.Model(x, inner(y))


def weights(model):
    return [np.asarray(w) for w in model.get_weights()]


def test_a_layer_comes_between_two_others(tmp_path):
    """The use that the class is made for: a file for a model that has grown."""
    old, new = network(convcore), network(convcore, more=True)
    old.save(tmp_path / "old.keras")
    editor = KerasFileEditor(tmp_path / "old.keras")
    assert editor.compare(old) == {"status": "success", "error_count": 0, "match_count": 4}
    assert editor.compare(new) == {"status": "error", "error_count": 1, "match_count": 4}
    added = {"0": np.eye(3, dtype="float32")}
    editor.add_object("layers/dense_7", added)
    assert editor.compare(new)["error_count"] == 2
    editor.rename_object("dense_7", "dense_1")
    editor.add_weights("layers/dense_1", {"1": np.ones(4, "float32")})
    assert list(added) == ["0"]
    assert editor.compare(new)["error_count"] == 1
    editor.delete_weight("dense_1", "1")
    assert editor.compare(new)["error_count"] == 1
    editor.add_weights("dense_1", {"1": [1.0, 2.0, 3.0]})
    assert editor.compare(new) == {"status": "success", "error_count": 0, "match_count": 6}
    editor.save(tmp_path / "new.weights.h5")
    new.load_weights(tmp_path / "new.weights.h5")
    expected = [*weights(old)[:2], np.eye(3), np.arange(1.0, 4.0), *weights(old)[2:]]
    for a, b in zip(weights(new), expected, strict=True):
        np.testing.assert_array_equal(a, b)


def test_nothing_is_lost(tmp_path, capsys):
    """Weights of nested models and optimizers; Keras's own editor drops what is inside nested models."""
    model = network(keras)
    model.compile("adam", "mse")
    model.fit(np.ones((2, 2), "float32"), np.ones((2, 2), "float32"), verbose=0)
    path = tmp_path / "keras.weights.h5"
    model.save_weights(path)
    editor = KerasFileEditor(path)
    assert len(tree.flatten(editor.weights_dict)) == 4 + 2 + 8
    editor.summary()
    shown = capsys.readouterr().out
    assert (
        "> layers" in shown and "sequential ('inner')" in shown and "0: shape=(2, 3), dtype=float32" in shown
    )
    editor.resave_weights(tmp_path / "again.weights.h5")
    before = weights(model)
    model.set_weights([w + 1 for w in before])
    model.load_weights(tmp_path / "again.weights.h5")
    for a, b in zip(weights(model), before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_text_is_keras_s(tmp_path, capsys):
    """For a model without others in it; Keras does not find the names of layers in summary()."""
    path = str(tmp_path / "m.keras")
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)]).save(path)
    other = [convcore.Sequential([convcore.Input((2,)), layers.Dense(4), layers.Dense(1)])]
    other += [keras.Sequential([keras.Input((2,)), keras.layers.Dense(4), keras.layers.Dense(1)])]
    shown = []
    for editor_class, model in zip((KerasFileEditor, keras.saving.KerasFileEditor), other, strict=True):
        editor = editor_class(path)
        result = editor.compare(model)
        editor.delete_object("layers/dense")
        editor.compare(model)
        shown.append((result, "".join(capsys.readouterr().out.split())))
    assert shown[0][0] == {"status": "error", "error_count": 3, "match_count": 0}
    assert shown[0][1].startswith(shown[1][1][: shown[1][1].index("Weightshapemismatch")])


@pytest.mark.parametrize(
    "edit, words",
    [
        (lambda e: e.delete_object("dense_3"), "'dense_3' does not appear in the model"),
        (lambda e: e.delete_object("layers/dense_3"), "Path 'layers/dense_3' not found in the model"),
        (lambda e: e.delete_object("dense"), "occurs more than once.*layers/sequential/layers/dense"),
        (lambda e: e.rename_object("sequential", "a/b"), "should be a leaf name"),
        (lambda e: e.add_object("layer/dense_1", {}), "Path 'layer' not found.*'layers'"),
        (lambda e: e.add_object("dense_1", np.ones(2)), "should be a dict.*ndarray"),
        (lambda e: e.add_weights("layers/dense", [1]), "should be a dict.*list"),
        (lambda e: e.add_weights("layers/dense/0", {"1": 2}), "a weight"),
        (lambda e: e.delete_weight("layers/dense", "2"), r"Weight 2 not found.*\['0', '1'\]"),
        (lambda e: e.save("new.h5"), "expected a `.weights.h5` extension"),
        (lambda e: KerasFileEditor("m.h5"), "Invalid filename.*m.h5"),
    ],
)
def test_mistakes(tmp_path, edit, words):
    network(convcore).save_weights(tmp_path / "m.weights.h5")
    with pytest.raises(ValueError, match=words):
        edit(KerasFileEditor(tmp_path / "m.weights.h5"))


def external(group):
    group["dense"] = h5py.ExternalLink("/etc/passwd", "/")


def soft(group):
    group["dense"] = h5py.SoftLink("/layers")


def virtual(group):
    layout = h5py.VirtualLayout((2,), "float32")
    layout[:] = h5py.VirtualSource("other.h5", "x", (2,))
    group.create_virtual_dataset("0", layout)


def circle(group):
    group["again"] = group


@pytest.mark.parametrize(
    "damage, words",
    [(external, "ExternalLink"), (soft, "SoftLink"), (virtual, "virtual"), (circle, "one place")],
)
def test_hostile_files(tmp_path, damage, words):
    with h5py.File(tmp_path / "m.weights.h5", "w") as file:
        damage(file.create_group("layers"))
    with pytest.raises(saving.ModelFormatError, match=words):
        KerasFileEditor(tmp_path / "m.weights.h5")
