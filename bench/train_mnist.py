"""Training the MNIST convnet in convcore and its peers: images per second and peak memory, interleaved.

python -m bench.train_mnist --data mnist.npz --threads 2 --rounds 5 [--json FILE]
"""

from __future__ import annotations

import argparse

from bench import harness

PEERS = ["convcore", "torch", "keras_tensorflow", "keras_jax"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="mnist.npz; without it random images are used")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--images", type=int, default=12800, help="images per round")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--peers", nargs="*", default=PEERS)
    parser.add_argument("--json", help="append the result to this file")
    options = parser.parse_args()
    case = {"kind": "train_mnist", "images": options.images, "batch": options.batch, "data": options.data}
    workers = harness.compare(case, options.peers, options.threads, options.rounds)

    print(
        f"MNIST convnet, Adam, batch {options.batch}, {options.threads} threads, "
        f"{options.rounds} interleaved rounds"
    )
    print(f"{'library':18} {'images/s':>9} {'spread':>7} {'ratio':>7} {'peak MB':>8} {'over data MB':>13}")
    rates = {w.peer: options.images / harness.spread(w.rounds)[0] for w in workers}
    best = max((rate for peer, rate in rates.items() if peer != "convcore"), default=None)
    for worker in sorted(workers, key=lambda w: -rates[w.peer]):
        median, iqr = harness.spread(worker.rounds)
        peak, before = worker.facts.get("peak_bytes", 0) / 1e6, worker.facts.get("before_bytes", 0) / 1e6
        rate = rates[worker.peer]
        ratio = f"{rates.get('convcore', rate) / rate:6.2f}x"
        print(f"{worker.peer:18} {rate:9.0f} {iqr / median:6.1%} {ratio} {peak:8.0f} {peak - before:13.0f}")
    if best and "convcore" in rates:
        print(f"convcore is {rates['convcore'] / best:.2f} times the fastest peer")
    harness.save(
        options.json, "train_mnist", options.threads, workers, images=options.images, batch=options.batch
    )


if __name__ == "__main__":
    main()
