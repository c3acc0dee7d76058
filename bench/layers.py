"""Single layers beside other libraries: forward, and both gradients, interleaved.

python -m bench.layers [--threads 2] [--rounds 7] [--only NAME...] [--json FILE]
python -m bench.layers --networks ...: the layers of ResNet50 and MobileNetV2, forward, one image and 32
"""

from __future__ import annotations

import argparse
import math

from bench import cases, harness

PEERS = ["convcore", "torch", "keras_tensorflow", "keras_jax", "onnxruntime", "litert"]


def network_cases() -> dict[str, dict]:
    """The layers of whole networks, by name."""
    return {name: dict(case, operations=operations(case)) for name, case in cases.network_layers().items()}


def operations(case: dict) -> int:
    """Multiplications and additions of a convolution with padding "same"."""
    shape = case["shape"]
    pixels = math.prod(-(-n // s) for n, s in zip(shape[1:-1], case["strides"], strict=True)) * shape[0]
    return 2 * pixels * math.prod(case["kernel"]) * shape[-1] // case.get("groups", 1) * case["filters"]


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
        made[name] = dict(case, operations=operations(case))
    for name, sizes in cases.DENSE.items():
        made[name] = {"kind": "dense", "sizes": sizes, "operations": 2 * math.prod(sizes)}
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", nargs="*", help="cases whose name contains one of these")
    parser.add_argument("--peers", nargs="*", default=PEERS)
    parser.add_argument("--networks", action="store_true", help="layers of ResNet50 and MobileNetV2, forward")
    parser.add_argument("--json", help="append the results to this file")
    options = parser.parse_args()
    print(
        f"{options.threads} threads, {options.rounds} interleaved rounds; "
        "ms (GFLOP/s), then how many times convcore's time"
    )
    chosen = network_cases() if options.networks else all_cases()
    for name, case in chosen.items():
        if options.only and not any(part in name for part in options.only):
            continue
        directions = {"forward": 1} if options.networks else {"forward": 1, "gradients": 2}
        for direction, factor in directions.items():
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
