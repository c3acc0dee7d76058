"""Random flip, rotation, zoom and contrast of a batch of photographs, alone and in a row.

python -m bench.augment [--threads 2] [--rounds 7] [--batch 32] [--size 224] [--json FILE]
"""

from __future__ import annotations

import argparse

from bench import harness

PEERS = ["convcore", "torch", "keras_tensorflow"]
STEPS = ["flip", "rotation", "zoom", "contrast"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--only", nargs="*", help="steps, or `all` for the whole row")
    parser.add_argument("--peers", nargs="*", default=PEERS)
    parser.add_argument("--json", help="append the results to this file")
    options = parser.parse_args()
    print(f"{options.threads} threads, {options.rounds} interleaved rounds; images/s, then convcore's part")
    for name, steps in {**{step: [step] for step in STEPS}, "all": STEPS}.items():
        if options.only and name not in options.only:
            continue
        case = {"kind": "augment", "steps": steps, "batch": options.batch, "size": options.size}
        workers = harness.compare(case, options.peers, options.threads, options.rounds)
        times = {w.peer: harness.spread(w.rounds)[0] for w in workers}
        ours = times.get("convcore")
        cells = [
            f"{peer} {options.batch / t:.0f}" + (f" {t / ours:.2f}x" if ours else "")
            for peer, t in sorted(times.items(), key=lambda item: item[1])
        ]
        print(f"{name:10} " + "   ".join(cells), flush=True)
        harness.save(options.json, f"augment/{name}", options.threads, workers)


if __name__ == "__main__":
    main()
