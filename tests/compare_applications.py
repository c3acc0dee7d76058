"""Compares convcore.applications with keras.applications: structure, predictions, files both ways.

python tests/compare_applications.py --record [NAME...]     writes tests/golden/applications.json from Keras
python tests/compare_applications.py [NAME...]              lists where structures differ
python tests/compare_applications.py --predict [NAME...]    random weights through a file, and back
"""

import argparse
import inspect
import json
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
ROOT = Path(__file__).resolve().parent
sys.path[:0] = [str(ROOT / "python"), str(ROOT.parent / "python")]

import applications_structure as structures  # noqa: E402
import convcore  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
from convcore import applications  # noqa: E402

GOLDEN = ROOT / "golden" / "applications.json"


def all_names():
    """Every application of Keras."""
    found = vars(keras.applications).items()
    return sorted(name for name, value in found if inspect.isfunction(value))


def keras_model(name, arguments):
    """Keras's model without the cost of random numbers."""
    keras.backend.clear_session()
    with structures.without_random_numbers(keras):
        return getattr(keras.applications, name)(weights=None, **arguments)


def our_model(name, arguments):
    convcore.backend.clear_session()
    return getattr(applications, name)(weights=None, **arguments)


def record(names):
    """Writes the digests of Keras's models."""
    table = json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {}
    for name in names:
        forms = [{}, *structures.VARIANTS.get(name, [])]
        table[name] = {structures.key(form): structures.digest(keras_model(name, form)) for form in forms}
        GOLDEN.write_text(json.dumps(dict(sorted(table.items())), indent=1) + "\n")
        print(name, len(forms), "forms", flush=True)


def compare(names):
    """Lists the differences in structure; the number of models that differ."""
    failed = 0
    for name in names:
        for form in [{}, *structures.VARIANTS.get(name, [])]:
            theirs = structures.structure(keras_model(name, form))
            lines = structures.differences(theirs, structures.structure(our_model(name, form)))
            print(f"{name:20} {structures.key(form):45} {len(lines)} differences", flush=True)
            print("".join(f"    {line}\n" for line in lines[:5]), end="")
            failed += bool(lines)
    return failed


def predict(names, limit):
    """Predictions of Keras's model here, by way of a file, and of our file in Keras."""
    failed = 0
    for name in names:
        smallest = {"Xception": 71, "InceptionV3": 75, "InceptionResNetV2": 75}.get(name, 64)
        shape = (smallest, smallest, 3)
        # Scores, not probabilities: a softmax of random weights hides errors where it saturates.
        form = {"input_shape": shape, "classes": 10, "classifier_activation": None}
        theirs = keras_model(name, form)
        structures.randomise(theirs)
        begin = time.perf_counter()
        error, back = through_files(theirs, shape)
        bad = not (error < limit and back < limit)
        failed += bad
        seconds = time.perf_counter() - begin
        print(f"{name:20} here {error:.1e}  back {back:.1e}  {seconds:.0f} s {'FAILED' * bad}", flush=True)
    return failed


def through_files(theirs, shape):
    """(error here, error back in Keras), relative to the largest output."""
    # Those that preprocess themselves start with it and take pixels from 0 to 255.
    kinds = {type(layer).__name__ for layer in theirs.layers[:3]}
    low, high = (0, 255) if kinds & {"Rescaling", "Normalization"} else (-1, 1)
    x = np.random.default_rng(1).uniform(low, high, (2, *shape)).astype("float32")
    call = lambda model: np.asarray(model.predict_on_batch(x))  # noqa: E731
    want = call(theirs)
    with tempfile.TemporaryDirectory() as folder:
        there, here = f"{folder}/keras.keras", f"{folder}/convcore.keras"
        theirs.save(there)
        ours = convcore.models.load_model(there)
        got = np.asarray(ours.predict(x, verbose=0))
        ours.save(here)
        back = call(keras.models.load_model(here))
    largest = np.abs(want).max()
    return np.abs(got - want).max() / largest, np.abs(back - want).max() / largest


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--predict", action="store_true")
    parser.add_argument("--limit", type=float, default=1e-4)
    options = parser.parse_args()
    names = options.names or all_names()
    if options.predict:
        sys.exit(predict(names, options.limit))
    if options.record:
        record(names)
    else:
        sys.exit(compare(names))


if __name__ == "__main__":
    main()
