"""Training of whole networks beside other libraries: images per second and peak memory, interleaved.

python -m bench.train [--only NAME...] [--threads 1 2] [--rounds 5] [--batches 10] [--json FILE]
"""

from __future__ import annotations

import argparse
import tempfile

from bench import harness, networks
from bench.models import report

PEERS = ["convcore", "torch", "keras_tensorflow", "keras_jax"]
# network -> batch size
CASES = {"mnist_convnet": 128, "resnet20": 128, "mobilenet_v2_96": 32}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", default=list(CASES), choices=list(CASES))
    parser.add_argument("--threads", nargs="*", type=int, default=[1, 2])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batches", type=int, default=10, help="batches per round")
    parser.add_argument("--peers", nargs="*", default=PEERS, choices=PEERS)
    parser.add_argument("--json", help="append the results to this file")
    options = parser.parse_args()
    print("Adam, crossentropy, accuracy; images per second, spread, times convcore, peak MB over the start")
    for name in options.only:
        shape, classes = networks.NETWORKS[name]
        batch = CASES[name]
        images = batch * options.batches
        with tempfile.TemporaryDirectory() as folder:
            networks.write(name, folder)
            case = {"kind": "train", "folder": folder, "batch": batch, "images": images}
            case.update(shape=shape, classes=classes)
            for threads in options.threads:
                workers = harness.compare(case, options.peers, threads, options.rounds)
                print(f"{name}, batch {batch}, {threads} threads")
                report(workers, images)
                harness.save(options.json, f"train/{name}", threads, workers, batch=batch, images=images)


if __name__ == "__main__":
    main()
