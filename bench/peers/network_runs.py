"""What the peers' runs of whole networks share: the data, and the facts about a run."""

from __future__ import annotations

import numpy as np

from bench.harness import memory


def now() -> int:
    """Bytes that this process holds before the network is made."""
    return memory("VmRSS")


def sample(case: dict) -> dict[str, np.ndarray]:
    """The sample and its expected output, without the weights."""
    with np.load(f"{case['folder']}/steps.npz") as file:
        return {key: file[key] for key in ("sample", "expected")}


def batch(case: dict, images: np.ndarray) -> np.ndarray:
    """The sample, repeated to the batch size of the case."""
    return np.resize(images, (case["batch"], *images.shape[1:]))


def run(case: dict, before: int, arrays: dict[str, np.ndarray], infer):
    """The run of `infer` (which returns the output as an array), with the facts about it: bytes before, and
    the distance from convcore's output relative to its largest value.
    """
    expected = batch(case, arrays["expected"])
    error = float(np.abs(np.asarray(infer()) - expected).max() / np.abs(expected).max())

    def one():
        infer()

    one.facts = {"before_bytes": before, "error": error}
    return one


def training_data(case: dict) -> tuple[np.ndarray, np.ndarray]:
    """`case["images"]` images and their labels: noise, the same for everyone."""
    rng = np.random.default_rng(0)
    n = case["images"]
    x = rng.standard_normal((n, *case["shape"]), dtype=np.float32)
    return x, rng.integers(0, case["classes"], n).astype(np.int32)
