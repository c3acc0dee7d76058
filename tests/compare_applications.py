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

CLASSES = 50
RATIO = 1.5  # the most that our error from float64 may be of Keras's own
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
    """Predictions of Keras's files here and of our files in Keras; errors from float64."""
    failed = 0
    for name in names:
        smallest = {"Xception": 71, "InceptionV3": 75, "InceptionResNetV2": 75}.get(name, 64)
        shape = (smallest, smallest, 3)
        # Scores, not probabilities: a softmax of random weights hides errors where it saturates.
        form = {"input_shape": shape, "classes": CLASSES, "classifier_activation": None}
        begin = time.perf_counter()
        here, back, ours, theirs = through_files(name, form)
        bad = not (here < limit and back < limit and ours <= RATIO * theirs)
        failed += bad
        seconds = time.perf_counter() - begin
        print(
            f"{name:20} here {here:.1e}  back {back:.1e}  from float64: ours {ours:.1e}  Keras {theirs:.1e}  "
            f"{seconds:.0f} s {'FAILED' * bad}",
            flush=True,
        )
    return failed


def through_files(name, form):
    """(largest error here, back in Keras; root mean square of our errors and of Keras's from float64), all
    relative to the largest output.
    """
    theirs = keras_model(name, form)
    structures.randomise(theirs)
    # Those that preprocess themselves start with it and take pixels from 0 to 255.
    kinds = {type(layer).__name__ for layer in theirs.layers[:3]}
    low, high = (0, 255) if kinds & {"Rescaling", "Normalization"} else (-1, 1)
    x = np.random.default_rng(1).uniform(low, high, (2, *form["input_shape"])).astype("float32")
    want = scores(theirs, x)
    with tempfile.TemporaryDirectory() as folder:
        there, here = f"{folder}/keras.keras", f"{folder}/convcore.keras"
        theirs.save(there)
        ours = convcore.models.load_model(there)
        got = scores(ours, x)
        ours.save(here)
        del ours
        back = scores(keras.models.load_model(here), x)
    weights = theirs.get_weights()
    del theirs
    exact = in_float64(name, form, weights, x)
    largest = np.abs(exact).max()
    errors = [np.abs(values - want).max() / largest for values in (got, back)]
    return *errors, *(np.sqrt(np.square(values - exact).mean()) / largest for values in (got, want))


def scores(model, x):
    return keras.ops.convert_to_numpy(model.predict_on_batch(x))


def in_float64(name, form, weights, x):
    """What Keras computes from the same weights in double precision."""
    keras.config.set_floatx("float64")
    try:
        model = keras_model(name, form)
        model.set_weights(weights)
        return scores(model, x.astype("float64"))
    finally:
        keras.config.set_floatx("float32")


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
