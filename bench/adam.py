"""One Adam step over the 25.6 million weights of ResNet50, composed in Python and fused by the core, beside a
single pass over the same memory written by hand in C++ (`adam_pass.cpp`, built with -DCONVCORE_TESTS=ON).

python -m bench.adam --threads 2 --rounds 15 [--library build/bench/libconvcore_adam_pass.so]
"""

from __future__ import annotations

import argparse
import ctypes
import os
import statistics
import time

import numpy as np

BETA_1, BETA_2, EPSILON, RATE = 0.9, 0.999, 1e-7, 0.001


def composed(variables, gradients):
    """(one step, its optimizer): recorded as in training, gradients being inputs."""
    import convcore
    from convcore.core.trace import TracedFunction

    optimizer = convcore.optimizers.Adam(RATE, BETA_1, BETA_2, EPSILON)
    optimizer.build(variables)

    def apply(*given):
        optimizer.apply(list(given), variables)
        return optimizer._iterations.value

    step = TracedFunction(apply, dynamic_batch=False)
    return lambda: step(*gradients), optimizer


def by_hand(library, variables, gradients, optimizer, threads):
    """One step of the C++ pass on the memory of the same variables."""
    slots = optimizer.variables[2:]
    weights, first, second = (
        [variable._handle.array for variable in column] for column in (variables, slots[0::2], slots[1::2])
    )
    pointers = [
        (ctypes.c_void_p * len(column))(*[array.ctypes.data for array in column])
        for column in (weights, gradients, first, second)
    ]
    sizes = (ctypes.c_int64 * len(variables))(*[array.size for array in weights])
    function = ctypes.CDLL(os.path.abspath(library)).adam_pass
    count, floats = ctypes.c_int64(len(variables)), [ctypes.c_float(x) for x in (BETA_1, BETA_2, EPSILON)]

    def step(t=1):
        alpha = RATE * np.sqrt(1 - BETA_2**t) / (1 - BETA_1**t)
        function(count, *pointers, sizes, threads, ctypes.c_float(alpha), *floats)

    return step


def check(hand, fused, variables, optimizer):
    """Both must change the same memory in the same way."""
    keep = [variable.numpy().copy() for variable in (*variables, *optimizer.variables)]
    results = []
    for step in (hand, fused):
        for variable, value in zip((*variables, *optimizer.variables), keep, strict=True):
            variable.assign(value)
        step()
        results.append([variable.numpy().copy() for variable in variables])
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--library", default="build/bench/libconvcore_adam_pass.so")
    options = parser.parse_args()
    os.environ["CONVCORE_NUM_THREADS"] = str(options.threads)
    import convcore

    model = convcore.applications.ResNet50(weights=None)
    variables, rng = model.trainable_variables, np.random.default_rng(0)
    gradients = [0.1 * rng.standard_normal(variable.shape, dtype="float32") for variable in variables]
    fused, optimizer = composed(variables, gradients)
    hand = by_hand(options.library, variables, gradients, optimizer, options.threads)
    check(hand, fused, variables, optimizer)
    # one thread: its own time, so that a busy machine disturbs less
    now = time.thread_time if options.threads == 1 else time.perf_counter
    seconds: dict = {"by hand": [], "composed": []}
    for _ in range(options.rounds):
        for name, step in (("by hand", hand), ("composed", fused)):
            begin = now()
            step()
            seconds[name].append(now() - begin)
    count = sum(variable.numpy().size for variable in variables)
    print(f"Adam, {count / 1e6:.1f} million weights in {len(variables)} variables, {options.threads} threads")
    for name, values in seconds.items():
        median = statistics.median(values)
        print(f"{name:10} {median * 1e3:8.2f} ms {count * 28 / median / 1e9:7.1f} GB/s")
    ratios = [b / a for a, b in zip(seconds["by hand"], seconds["composed"], strict=True)]
    print(f"composed / by hand: {statistics.median(ratios):.2f} (median of {options.rounds} rounds in turns)")


if __name__ == "__main__":
    main()
