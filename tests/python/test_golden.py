"""Files that old releases of Keras wrote (tests/golden/make_old_files.py), from Keras 1.2 to 3.14."""

import warnings
from pathlib import Path

import convcore
import numpy as np
import pytest

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
    assert all("state of the optimizer" in message for message in seen)
    assert bool(seen) == (FILES[name] == "sorted by name")


@pytest.mark.parametrize("name", [name for name, order in FILES.items() if order != "sorted by name"])
def test_states_of_optimizers(name):
    model, recorded, _ = load(name)
    stored = [recorded[key] for key in sorted(recorded) if key.startswith("optimizer")]
    weights = len(model.trainable_variables)
    slots = stored[2 if FILES[name] == "as today" else 1 :][: 2 * weights]
    if FILES[name] == "moment by moment":
        slots = [slots[moment * weights + i] for i in range(weights) for moment in range(2)]
    iterations, rate, *moments = model.optimizer.variables
    assert int(iterations.numpy()) == int(stored[0]) == 2
    assert float(rate.numpy()) == pytest.approx(0.001)
    for variable, expected in zip(moments, slots, strict=True):
        np.testing.assert_array_equal(variable.numpy(), expected, err_msg=variable.path)
        assert np.abs(expected).max() > 0


def test_a_state_that_does_not_fit_is_skipped_with_a_warning():
    assert any("does not fit Adam" in message for message in load("keras_1_2.h5")[2])
