"""Saving and loading without Keras: round trips, layout, atomic writes, names of users' classes."""

import io
import json
import os
import stat
import subprocess
import sys
import zipfile

import convcore
import h5py
import numpy as np
import pytest
from convcore import layers, saving
from convcore.saving import ModelFormatError, atomic
from models_to_save import MAKERS, data, sequential, trained


def assert_same_state(a, b):
    for left, right in zip(
        [*a.weights, *a.optimizer.variables], [*b.weights, *b.optimizer.variables], strict=True
    ):
        assert left.dtype == right.dtype
        np.testing.assert_array_equal(left.numpy(), right.numpy(), err_msg=left.path)


@pytest.mark.parametrize("kind", MAKERS)
def test_a_loaded_model_is_the_saved_one_and_trains_on_in_step(kind, tmp_path):
    model = trained(kind)
    model.save(tmp_path / "model.keras")
    loaded = saving.load_model(tmp_path / "model.keras")
    x, y = data(kind)
    np.testing.assert_array_equal(loaded.predict(x), model.predict(x))
    assert_same_state(model, loaded)
    assert loaded.name == model.name
    if kind != "subclassed":  # whose constructor names its layers afresh
        assert [layer.name for layer in loaded.layers] == [layer.name for layer in model.layers]
    if (
        kind != "sequential"
    ):  # its Dropout draws from where its generator stands, which Keras's files do not hold
        for m in (model, loaded):
            m.fit(x, y, batch_size=8, epochs=2, verbose=0, shuffle=False)
        assert_same_state(model, loaded)


@pytest.mark.parametrize("kind", MAKERS)
def test_weights_files_restore_weights_and_optimizer(kind, tmp_path):
    model = trained(kind)
    model.save_weights(tmp_path / "m.weights.h5")
    other = trained(kind, epochs=2)
    other.load_weights(tmp_path / "m.weights.h5")
    assert_same_state(model, other)


def test_weights_can_be_taken_from_a_model_file(tmp_path):
    model = trained("sequential")
    model.save(tmp_path / "m.keras")
    other = sequential()
    other.load_weights(tmp_path / "m.keras")
    for a, b in zip(model.weights, other.weights, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_compile_false_leaves_the_optimizer_out(tmp_path):
    model = trained("sequential")
    model.save(tmp_path / "m.keras")
    loaded = saving.load_model(tmp_path / "m.keras", compile=False)
    assert not loaded.compiled
    x, _ = data("sequential")
    np.testing.assert_array_equal(loaded.predict(x), model.predict(x))


@pytest.mark.parametrize(
    "optimizer",
    [
        convcore.optimizers.SGD(0.05, momentum=0.9, nesterov=True),
        convcore.optimizers.Adam(0.002, amsgrad=True),
        convcore.optimizers.Adam(convcore.optimizers.schedules.ExponentialDecay(0.01, 5, 0.5)),
    ],
)
def test_optimizers_keep_their_configuration_and_state(optimizer, tmp_path):
    model = trained("functional", optimizer)
    model.save(tmp_path / "m.keras")
    loaded = saving.load_model(tmp_path / "m.keras")
    assert type(loaded.optimizer) is type(optimizer)
    assert loaded.optimizer.get_config() == model.optimizer.get_config()
    assert_same_state(model, loaded)


def test_archive_members_are_stored_in_order_with_a_fixed_date(tmp_path):
    trained("sequential").save(tmp_path / "m.keras")
    with zipfile.ZipFile(tmp_path / "m.keras") as archive:
        infos = archive.infolist()
        metadata = json.loads(archive.read("metadata.json"))
    assert [info.filename for info in infos] == ["metadata.json", "config.json", "model.weights.h5"]
    assert all(info.compress_type == zipfile.ZIP_STORED for info in infos)
    assert all(info.date_time == (1980, 1, 1, 0, 0, 0) for info in infos)
    assert set(metadata) == {"keras_version", "date_saved"}
    assert len(metadata["date_saved"]) == len("2026-01-01@00:00:00")


def test_weights_lie_where_keras_puts_them(tmp_path):
    trained("sequential").save_weights(tmp_path / "s.weights.h5")
    trained("subclassed").save_weights(tmp_path / "c.weights.h5")
    with h5py.File(tmp_path / "s.weights.h5") as file:
        assert set(file) == {"layers", "optimizer", "vars"}
        names = "conv2d batch_normalization conv2d_1 re_lu max_pooling2d flatten dropout dense"
        assert set(file["layers"]) == set(names.split())
        assert file["layers/conv2d/vars"].attrs["name"] == "first"
        assert sorted(file["layers/batch_normalization/vars"]) == ["0", "1", "2", "3"]
        assert list(file["layers/re_lu/vars"]) == []
        assert file["optimizer/vars/0"].shape == () and file["optimizer/vars/0"].dtype == "int32"
    with h5py.File(tmp_path / "c.weights.h5") as file:
        # what comes after "layers" in the alphabet is found there first
        assert set(file) == {"first", "blocks", "layers", "optimizer", "vars"}
        for path in ("first", "blocks/dense", "blocks/dense_1", "blocks/container/dense"):
            assert file[f"{path}/vars/0"].ndim == 2, path


def test_json_makes_an_equal_model_with_new_weights():
    model = sequential()
    copy = convcore.models.model_from_json(model.to_json())
    assert copy.to_json() == model.to_json()
    assert [w.shape for w in copy.weights] == [w.shape for w in model.weights]


def test_a_layer_more_without_weights_does_not_matter(tmp_path):
    dense = [convcore.Input((4,)), layers.Dense(3), layers.Dense(2)]
    model = convcore.Sequential(dense)
    model.save_weights(tmp_path / "m.weights.h5")
    wider = convcore.Sequential([convcore.Input((4,)), layers.Dense(3), layers.ReLU(), layers.Dense(2)])
    wider.load_weights(tmp_path / "m.weights.h5")
    for a, b in zip(model.get_weights(), wider.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_skip_mismatch_loads_what_fits(tmp_path):
    convcore.Sequential([convcore.Input((4,)), layers.Dense(3), layers.Dense(2)]).save_weights(
        tmp_path / "m.weights.h5"
    )
    other = convcore.Sequential([convcore.Input((4,)), layers.Dense(3), layers.Dense(5)])
    before = other.get_weights()
    with pytest.raises(ModelFormatError, match=r"dense_1.*shape \(3, 5\).*\(3, 2\)"):
        other.load_weights(tmp_path / "m.weights.h5")
    for old, new in zip(before, other.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    with pytest.warns(UserWarning, match="dense_1"):
        other.load_weights(tmp_path / "m.weights.h5", skip_mismatch=True)
    assert not np.array_equal(before[0], other.get_weights()[0])
    np.testing.assert_array_equal(before[2], other.get_weights()[2])


def test_all_that_does_not_fit_is_listed_at_once(tmp_path):
    convcore.Sequential([convcore.Input((4,)), layers.Dense(3), layers.Dense(2)]).save_weights(
        tmp_path / "m.weights.h5"
    )
    other = convcore.Sequential([convcore.Input((4,)), layers.Dense(7), layers.Dense(5)])
    with pytest.raises(ModelFormatError, match=r"2 object\(s\).*layers/dense, layers/dense_1"):
        other.load_weights(tmp_path / "m.weights.h5")


def test_unbuilt_models_have_no_weights_to_save_or_load(tmp_path):
    model = convcore.Sequential([layers.Dense(3)])
    with pytest.raises(ValueError, match="build"):
        model.save_weights(tmp_path / "m.weights.h5")
    trained("sequential").save_weights(tmp_path / "m.weights.h5")
    with pytest.raises(ValueError, match="build"):
        model.load_weights(tmp_path / "m.weights.h5")


def test_an_unbuilt_model_is_saved_as_its_architecture(tmp_path):
    convcore.Sequential([layers.Dense(3), layers.ReLU()]).save(tmp_path / "m.keras")
    loaded = saving.load_model(tmp_path / "m.keras")
    assert not loaded.built and len(loaded.layers) == 2


# Paths and atomic writes


@pytest.mark.parametrize("name", ["m.h6", "m", "m.weights.h5"])
def test_save_refuses_other_extensions(name, tmp_path):
    with pytest.raises(ValueError, match=r"\.keras"):
        sequential().save(tmp_path / name)
    assert os.listdir(tmp_path) == []


def test_missing_files_and_folders_are_named(tmp_path):
    with pytest.raises(ValueError, match="not found"):
        saving.load_model(tmp_path / "none.keras")
    with pytest.raises(FileNotFoundError, match="nowhere"):
        sequential().save(tmp_path / "nowhere" / "m.keras")


def test_overwrite_false_keeps_the_file(tmp_path, monkeypatch):
    path = tmp_path / "m.keras"
    path.write_bytes(b"old")
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(FileExistsError, match="overwrite"):
        sequential().save(path, overwrite=False)
    assert path.read_bytes() == b"old"


def test_a_failing_save_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "m.keras"
    path.write_bytes(b"old")

    def fail(*arguments):
        raise OSError("no space left")

    monkeypatch.setattr(saving.archive, "write_archive", fail)
    with pytest.raises(OSError, match="no space"):
        sequential().save(path)
    assert path.read_bytes() == b"old" and os.listdir(tmp_path) == ["m.keras"]


def test_what_cannot_be_serialised_is_noticed_before_the_file_is_touched(tmp_path):
    path = tmp_path / "m.keras"
    path.write_bytes(b"old")
    model = convcore.Sequential([convcore.Input((2,)), layers.Activation(lambda x: x)])
    with pytest.raises(ValueError, match="lambda"):
        model.save(path)
    assert path.read_bytes() == b"old"


def test_written_files_follow_links_and_keep_permissions(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    target.chmod(0o640)
    link.symlink_to(target)
    with atomic.atomic_write(link) as file:
        file.write(b"new")
    assert link.is_symlink() and target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


# Names of users' classes and functions


def test_importing_saving_loads_neither_h5py_nor_rich():
    code = "import sys, convcore.saving; sys.exit(any(name in sys.modules for name in ('h5py', 'rich')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# Files that Keras wrote earlier, with what it predicted

GOLDEN = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "golden")


@pytest.mark.parametrize(
    "name", sorted(name[:-6] for name in os.listdir(GOLDEN) if name.endswith(".keras") and "keras_3" in name)
)
def test_golden_files_predict_what_keras_predicted(name):
    model = saving.load_model(os.path.join(GOLDEN, f"{name}.keras"))
    with np.load(os.path.join(GOLDEN, f"{name}.npz")) as recorded:
        x = [recorded[key] for key in sorted(recorded) if key.startswith("input")]
        y, output, scores = recorded["y"], recorded["output"], recorded["scores"]
    x = x if len(x) > 1 else x[0]
    np.testing.assert_allclose(model.predict(x), output, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(model.evaluate(x, y, verbose=0), scores, rtol=1e-4)
    assert int(model.optimizer.iterations.numpy()) == 4
    fresh = convcore.models.clone_model(model)
    fresh.load_weights(os.path.join(GOLDEN, f"{name}.weights.h5"))
    np.testing.assert_allclose(fresh.predict(x), output, rtol=1e-5, atol=1e-5)
    before = model.evaluate(x, y, verbose=0)[0]
    model.fit(x, y, batch_size=8, epochs=10, verbose=0)
    assert model.evaluate(x, y, verbose=0)[0] < before


@pytest.mark.parametrize("of", ["keras", "h5"])
def test_files_in_memory(of, tmp_path):
    model = convcore.Sequential([convcore.Input((3,)), layers.Dense(2)])
    x = np.ones((1, 3), "float32")
    stream = io.BytesIO()
    if of == "keras":
        model.save(stream)
    else:
        with pytest.warns(UserWarning, match="HDF5"):
            model.save(tmp_path / "model.h5")
        stream.write((tmp_path / "model.h5").read_bytes())
    np.testing.assert_array_equal(saving.load_model(stream.getvalue())(x), model(x))
    stream.seek(0)
    np.testing.assert_array_equal(saving.load_model(stream)(x), model(x))
    with pytest.raises(ModelFormatError, match="bytes: "):
        saving.load_model(stream.getvalue()[:100])


def test_objects_to_skip(tmp_path):
    def make(start):
        model = convcore.Sequential([layers.Input((2,)), layers.Dense(2), layers.Dense(2)])
        model.set_weights([np.full_like(w, start) for w in model.get_weights()])
        return model

    one, two, path = make(1), make(2), tmp_path / "some.weights.h5"
    one.save_weights(path, objects_to_skip=[one.layers[0]])
    two.load_weights(path, objects_to_skip=[two.layers[0]])
    assert [w.numpy().max() for w in two.weights] == [2, 2, 1, 1]
    with pytest.raises(ValueError, match="expected 2 variables"):
        two.load_weights(path)
    one.save(tmp_path / "whole.keras")
    with pytest.raises(ValueError, match="only supports loading '.weights.h5' files"):
        two.load_weights(tmp_path / "whole.keras", objects_to_skip=[])
