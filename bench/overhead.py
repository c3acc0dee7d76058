"""What Python adds to one C++ call of the MNIST convnet: `predict`, `train_on_batch` and `fit` of one image.

    python -m bench.overhead [--repeats 2000]

The time inside C++ is measured there (`Function.seconds`); both sides take turns, so that a noisy machine
disturbs them alike. For `fit` the call itself is left out, and what remains is timed.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import statistics
import time

import numpy as np

from bench import harness


def convnet():
    import convcore as cc

    layers = cc.layers
    model = cc.Sequential(
        [
            cc.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def seconds(call, repeats: int) -> float:
    """The median seconds of one call."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


class Terminal(io.StringIO):
    """A standard output that a progress bar rewrites."""

    def isatty(self) -> bool:
        return True


def fit_seconds(model, images, labels, verbose: int) -> float:
    """Seconds per batch of one epoch of batches of one image, without the C++ calls."""
    from convcore.trainers.steps import StepFunction

    bound = StepFunction.bound

    def without_call(step, adapter):
        run, logs_of = bound(step, adapter)
        results = run(next(iter(adapter.batches())))
        return (lambda batch: results), logs_of

    StepFunction.bound = without_call
    try:
        with contextlib.redirect_stdout(Terminal()):
            begin = time.perf_counter()
            model.fit(images, labels, batch_size=1, verbose=verbose)
            return (time.perf_counter() - begin) / len(images)
    finally:
        StepFunction.bound = bound


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=200, help="calls per round")
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    model = convnet()
    image = np.random.default_rng(0).random((1, 28, 28, 1), dtype=np.float32)
    label = np.array([3], np.int32)

    def train():
        model.train_on_batch(image, label)

    def predict():
        model.predict(image, verbose=0)

    train(), predict()
    kinds = {
        "predict": (predict, model._step("predict").traced.function_for(image), (image,)),
        "train_on_batch": (
            train,
            model._step("train").traced.function_for(image, label, None),
            (image, label),
        ),
    }
    for name, (call, function, arrays) in kinds.items():
        inside, outside = [], []
        for _ in range(options.rounds):
            inside.append(function.seconds(*arrays, repeats=options.repeats))
            outside.append(seconds(call, options.repeats))
        added = [(b - a) * 1e6 for a, b in zip(inside, outside, strict=True)]
        median, iqr = harness.spread(added)
        print(
            f"{name:15} of one image: {statistics.median(outside) * 1e6:7.1f} us, "
            f"in C++ {statistics.median(inside) * 1e6:7.1f} us, "
            f"Python adds {median:5.1f} us (spread {iqr:.1f})"
        )
    images, labels = np.repeat(image, 1000, axis=0), np.repeat(label, 1000)
    for name, verbose in (("fit, silent", 0), ("fit, with a bar", 1)):
        added = [fit_seconds(model, images, labels, verbose) * 1e6 for _ in range(options.rounds)]
        median, iqr = harness.spread(added)
        print(f"{name:15} of one image: Python adds {median:5.1f} us (spread {iqr:.1f})")


if __name__ == "__main__":
    main()
