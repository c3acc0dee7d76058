"""Inference of whole networks beside other libraries, batch 1 and 32, interleaved.

python -m bench.models [--only NAME...] [--batch 1 32] [--threads 1 2] [--rounds 7] [--json FILE]
"""

from __future__ import annotations

import argparse
import tempfile

from bench import harness, networks

PEERS = ["convcore", "torch", "onnxruntime", "openvino", "litert", "keras_tensorflow", "keras_jax"]
NETWORKS = ["mnist_convnet", "resnet50", "mobilenet_v2", "vgg16"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", default=NETWORKS, choices=list(networks.NETWORKS))
    parser.add_argument("--batch", nargs="*", type=int, default=[1, 32])
    parser.add_argument("--threads", nargs="*", type=int, default=[1, 2])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--peers", nargs="*", default=PEERS, choices=PEERS)
    parser.add_argument("--json", help="append the results to this file")
    options = parser.parse_args()
    print("ms per batch, spread, times convcore, peak MB over the start, distance of the output")
    for name in options.only:
        with tempfile.TemporaryDirectory() as folder:
            networks.write(name, folder)
            for batch in options.batch:
                for threads in options.threads:
                    case = {"kind": "infer", "folder": folder, "batch": batch}
                    workers = harness.compare(case, options.peers, threads, options.rounds)
                    title = f"{name}/batch{batch}"
                    print(f"{title}, {threads} threads")
                    report(workers)
                    harness.save(options.json, title, threads, workers, batch=batch)


def report(workers: list[harness.Worker], images: int | None = None) -> None:
    """One line per library, the fastest first; with `images`, images per second instead of ms."""
    medians = {w.peer: harness.spread(w.rounds) for w in workers}
    ours = medians.get("convcore", (None, None))[0]
    for worker in sorted(workers, key=lambda w: medians[w.peer][0]):
        median, iqr = medians[worker.peer]
        facts = worker.facts
        amount = f"{images / median:9.0f} img/s" if images else f"{median * 1e3:9.3f} ms"
        ratio = f"{median / ours:6.2f}x" if ours else ""
        peak = (facts.get("peak_bytes", 0) - facts.get("before_bytes", 0)) / 1e6
        error = f"{facts['error']:.0e}" if "error" in facts else ""
        print(f"  {worker.peer:18} {amount} {iqr / median:6.1%} {ratio} {peak:8.0f} MB {error}", flush=True)
    others = [m for peer, (m, _) in medians.items() if peer != "convcore"]
    if ours and others:
        print(f"  convcore takes 1/{min(others) / ours:.2f} of the fastest peer's time", flush=True)


if __name__ == "__main__":
    main()
