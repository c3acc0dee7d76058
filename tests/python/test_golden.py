"""Files that old releases of Keras wrote (tests/golden/make_old_files.py), from Keras 1.2 to 3.14."""

import warnings
from pathlib import Path

import convcore
import numpy as np
import pytest
from convcore.saving.old_optimizers import keras_1_assignments

GOLDEN = Path(__file__).parents[1] / "golden" / "releases"
# the file -> how its optimizer's variables are ordered
FILES = {
    "keras_1_2.h5": "sorted by name",
    "keras_2_2.h5": "moment by moment",
    "tf_keras_2_3.h5": "moment by moment",
    "keras_2_9.h5": "moment by moment",
    "keras_2_15.h5": "weight by weight",
    "keras_2_15.keras": "weight by weight",
    **{f"keras_3_{minor}.keras": "as today" for minor in (0, 3, 6, 9, 12, 14)},
}


def load(name):
    """(model, the recorded arrays, the warnings)"""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        model = convcore.models.load_model(GOLDEN / name)
    with np.load(GOLDEN / f"{name.rsplit('.', 1)[0]}.npz") as recorded:
        return model, dict(recorded), [str(warning.message) for warning in seen]


@pytest.mark.parametrize("name", FILES)
def test_predictions(name):
    model, recorded, seen = load(name)
    np.testing.assert_allclose(model.predict(recorded["x"], verbose=0), recorded["y"], rtol=0, atol=1e-5)
    assert model.compiled and type(model.optimizer).__name__ == "Adam"
    assert not seen


@pytest.mark.parametrize("name", FILES)
def test_states_of_optimizers(name):
    model, recorded, _ = load(name)
    stored = [recorded[key] for key in sorted(recorded) if key.startswith("optimizer")]
    weights = len(model.trainable_variables)
    slots = stored[2 if FILES[name] == "as today" else 1 :][: 2 * weights]
    if FILES[name] == "sorted by name":
        # Keras 1: batchnormalization_1_beta, _gamma, convolution2d_1_W, _b, dense_1_W, _b
        slots = [slots[moment * weights + i] for i in (2, 3, 1, 0, 4, 5) for moment in range(2)]
    elif FILES[name] == "moment by moment":
        slots = [slots[moment * weights + i] for i in range(weights) for moment in range(2)]
    iterations, rate, *moments = model.optimizer.variables
    assert int(iterations.numpy()) == int(stored[0]) == 2
    assert float(rate.numpy()) == pytest.approx(0.001)
    for variable, expected in zip(moments, slots, strict=True):
        np.testing.assert_array_equal(variable.numpy(), expected, err_msg=variable.path)
        assert np.abs(expected).max() > 0


def test_a_state_that_does_not_fit_is_skipped_with_a_warning(tmp_path):
    # Theano named no variable ":0", and sorted them by names that are not in the file.
    import h5py

    path = tmp_path / "theano.h5"
    path.write_bytes((GOLDEN / "keras_1_2.h5").read_bytes())
    with h5py.File(path, "r+") as file:
        layer = file["model_weights/dense_1"]
        for name in ("dense_1_W", "dense_1_b"):
            layer.move(f"{name}:0", name)
        layer.attrs["weight_names"] = [b"dense_1_W", b"dense_1_b"]
    with pytest.warns(UserWarning, match="does not fit Adam"):
        model = convcore.models.load_model(path)
    assert int(model.optimizer.iterations.numpy()) == 0


@pytest.mark.parametrize(
    ("kind", "options", "stored"),
    [("SGD", {"momentum": 0.9}, "1v"), ("SGD", {}, "1v"), ("RMSprop", {}, "v"), ("Adadelta", {}, "vw")],
)
def test_states_of_other_optimizers_of_keras_1(kind, options, stored):
    weights = [convcore.Variable(np.zeros(2, "float32"), name=name) for name in "ab"]
    optimizer = getattr(convcore.optimizers, kind)(**options)
    optimizer.build(weights)
    names = {id(weights[0]): "dense_2_W:0", id(weights[1]): "dense_10_W:0"}  # so the second came first
    slots = [np.full(2, 10 * slot + i, "float32") for slot in range(len(stored.strip("1"))) for i in (1, 2)]
    arrays = [np.float32(7)] * ("1" in stored) + slots
    for variable, array in keras_1_assignments(optimizer, arrays, names):
        variable.assign(array)
    assert int(optimizer.iterations.numpy()) == 7 * ("1" in stored)
    got = [float(variable.numpy()[0]) for variable in optimizer.variables[2:]]
    assert got == {"1v": [2, 1] if options else [], "v": [2, 1], "vw": [2, 12, 1, 11]}[stored]
