"""Single layers beside other libraries: forward, and both gradients, interleaved.

python -m bench.layers [--threads 2] [--rounds 7] [--only NAME...] [--json FILE]
"""

from __future__ import annotations

import argparse
import math

from bench import cases, harness

PEERS = ["convcore", "torch", "keras_tensorflow", "keras_jax", "onnxruntime"]


def all_cases() -> dict[str, dict]:
    """Every layer in both directions, by name."""
    made = {}
    for name, (shape, filters, kernel, strides) in cases.CONVOLUTIONS.items():
        case = {
            "kind": "convolution",
            "shape": shape,
            "filters": filters,
            "kernel": kernel,
            "strides": strides,
        }
        pixels = math.prod(-(-n // s) for n, s in zip(shape[1:-1], strides, strict=True)) * shape[0]
        made[name] = dict(case, operations=2 * pixels * math.prod(kernel) * shape[-1] * filters)
    for name, sizes in cases.DENSE.items():
        made[name] = {"kind": "dense", "sizes": sizes, "operations": 2 * math.prod(sizes)}
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", nargs="*", help="cases whose name contains one of these")
    parser.add_argument("--peers", nargs="*", default=PEERS)
    parser.add_argument("--json", help="append the results to this file")
    options = parser.parse_args()
    print(
        f"{options.threads} threads, {options.rounds} interleaved rounds; "
        "ms (GFLOP/s), then how many times convcore's time"
    )
    for name, case in all_cases().items():
        if options.only and not any(part in name for part in options.only):
            continue
        for direction, factor in (("forward", 1), ("gradients", 2)):
            one = dict(case, direction=direction)
            workers = harness.compare(
                one, options.peers, options.threads, options.rounds, report=lambda *_: None
            )
            times = {w.peer: min(harness.spread(w.rounds)[0], math.inf) for w in workers}
            ours = times.get("convcore")
            cells = [
                f"{peer} {t * 1e3:.3g} ms ({factor * case['operations'] / t / 1e9:.0f})"
                + (f" {t / ours:.2f}x" if ours else "")
                for peer, t in sorted(times.items(), key=lambda item: item[1])
            ]
            print(f"{name:24} {direction:9} " + "   ".join(cells), flush=True)
            harness.save(options.json, f"{name}/{direction}", options.threads, workers)


if __name__ == "__main__":
    main()
