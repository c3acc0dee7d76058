"""Compares convcore.applications with keras.applications: structure, predictions, files both ways.

python tests/compare_applications.py --record [NAME...]     writes tests/golden/applications.json from Keras
python tests/compare_applications.py [NAME...]              lists where structures differ
python tests/compare_applications.py --predict [NAME...]    random weights through a file, and back

Weights are drawn so that no signal dies out or grows without bound, for small images; with --initial they are
those that Keras's initializers give, for images of the network's own size.

Errors from float64 are root mean squares over the scores of two images and all draws of weights (--draws).
One draw tells little about a network in which few gates decide: their ratio then moves by a factor of two
and more. KERAS_BACKEND chooses whose error ours is compared with.
"""

import argparse
import contextlib
import inspect
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from unittest import mock

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("JAX_ENABLE_X64", "1")
ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "python"))

import applications_structure as structures  # noqa: E402
import convcore  # noqa: E402
import keras  # noqa: E402
import keras_by_hand  # noqa: E402
import numpy as np  # noqa: E402
from convcore import applications  # noqa: E402
from keras.src.backend.common import dtypes  # noqa: E402

CLASSES = 50
# Gates whose inputs have grown to hundreds switch at random, unless normalisations keep signals at one size.
# Others go without: statistics of eight small images make deep networks a hundred times as sensitive.
SETTLED = ("EfficientNetV2B0",)
CLASSIC = ("LeNet", "ResNet20", "UNet")  # those that Keras does not have
RATIO = 1.5  # the most that our error from float64 may be of Keras's own
GOLDEN = ROOT / "golden" / "applications.json"


def all_names():
    """Every application of Keras."""
    found = vars(keras.applications).items()
    return sorted(name for name, value in found if inspect.isfunction(value))


def keras_model(name, arguments, initial=False):
    """Keras's model, without the cost of random numbers unless its initial weights are wanted; written by
    hand or of our configuration, if Keras has none.
    """
    keras.backend.clear_session()
    quick = contextlib.nullcontext() if initial else structures.without_random_numbers(keras)
    if hasattr(keras_by_hand, name):
        with quick:
            return getattr(keras_by_hand, name)(**arguments)
    if name in CLASSIC:
        text = our_model(name, arguments).to_json()
        return keras.models.model_from_json(text.replace('"float32"', f'"{keras.config.floatx()}"'))
    with quick:
        return getattr(keras.applications, name)(weights=None, **arguments)


def our_model(name, arguments):
    convcore.backend.clear_session()
    weights = {} if name in CLASSIC else {"weights": None}
    return getattr(applications, name)(**weights, **arguments)


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


def predict(names, limit, seeds, initial):
    """Predictions of Keras's files here and of our files in Keras; errors from float64, over all draws."""
    failed = 0
    for name in names:
        smallest = {"Xception": 71, "InceptionV3": 75, "InceptionResNetV2": 75}.get(name, 64)
        # Scores, not probabilities: a softmax of random weights hides errors where it saturates.
        form = {"classifier_activation": None}
        if not initial or not hasattr(keras.applications, name):
            form |= {"input_shape": (smallest, smallest, 3), "classes": CLASSES}
        begin = time.perf_counter()
        draws = np.array([through_files(name, form, seed, initial) for seed in seeds])
        (here, back), (ours, theirs) = draws[:, :2].max(0), np.sqrt(np.square(draws[:, 2:]).mean(0))
        bad = not (here < limit and back < limit and ours <= RATIO * theirs)
        failed += bad
        seconds = time.perf_counter() - begin
        print(
            f"{name:20} here {here:.1e}  back {back:.1e}  from float64: ours {ours:.1e}  Keras {theirs:.1e}  "
            f"{ours / theirs:.2f} times  {seconds:.0f} s {'FAILED' * bad}"
            + "".join(f" {draw[2] / draw[3]:.2f}" for draw in draws if len(draws) > 1),
            flush=True,
        )
    return failed


def through_files(name, form, seed, initial):
    """(largest error here, back in Keras; root mean square of our errors and of Keras's from float64), all
    relative to the largest output.
    """
    keras.utils.set_random_seed(seed)
    theirs = keras_model(name, form, initial)
    if not initial:
        structures.randomise(theirs, seed)
    # Those that preprocess themselves start with it and take pixels from 0 to 255.
    kinds = {type(layer).__name__ for layer in theirs.layers[:3]}
    low, high = (0, 255) if kinds & {"Rescaling", "Normalization"} else (-1, 1)
    draw = np.random.default_rng(1 + seed)
    shape = [n or 224 for n in theirs.input_shape[1:]]
    x = draw.uniform(low, high, (2, *shape)).astype("float32")
    if name in SETTLED and not initial:
        structures.settle(theirs, draw.uniform(low, high, (8, *shape)).astype("float32"))
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
    return np.asarray(model.predict_on_batch(x))


def in_float64(name, form, weights, x):
    """What Keras computes from the same weights in double precision; ours must agree to ten digits."""
    exact, ours = (
        scores_of_float64(make, library, name, form, weights, x)
        for make, library in ((keras_model, keras), (our_model, convcore))
    )
    np.testing.assert_allclose(ours, exact, rtol=0, atol=1e-10 * np.abs(exact).max())
    return exact


def scores_of_float64(make, library, name, form, weights, x):
    # In some functions (matmul, tanh) Keras computes float64 as float32, unless this table says otherwise.
    with mock.patch.dict(dtypes.BIT64_TO_BIT32_DTYPE, float64="float64"):
        library.config.set_floatx("float64")
        try:
            model = make(name, form)
            model.set_weights(weights)
            structures.finish(model)
            return scores(model, x.astype("float64"))
        finally:
            library.config.set_floatx("float32")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--predict", action="store_true")
    parser.add_argument("--initial", action="store_true")
    parser.add_argument("--limit", type=float, default=1e-4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--draws", type=int, default=1)
    options = parser.parse_args()
    if options.predict:
        seeds = range(options.seed, options.seed + options.draws)
        sys.exit(predict(options.names or [*all_names(), *CLASSIC], options.limit, seeds, options.initial))
    names = options.names or all_names()
    if options.record:
        record(names)
    else:
        sys.exit(compare(names))


if __name__ == "__main__":
    main()
