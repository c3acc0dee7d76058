"""Memory of inference beside other libraries: the planned peak, and what is measured.

python -m bench.memory [--only NAME...] [--batch 1 32] [--threads 2] [--peers NAME...]

Every library runs in a process of its own, one after the other. Measured is the largest resident set (VmHWM)
over what the process held once its library was imported: since then, loading the network included, and during
a few predictions after the first ones (the kernel then starts to count anew).
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from bench import harness, networks

PEERS = ["convcore", "torch", "onnxruntime"]
NETWORKS = ["resnet50", "mobilenet_v2"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", default=NETWORKS, choices=list(networks.NETWORKS))
    parser.add_argument("--batch", nargs="*", type=int, default=[1, 32])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--peers", nargs="*", default=PEERS, choices=PEERS)
    options = parser.parse_args()
    print(f"{'MB':>32} {'loading included':>18} {'predicting':>12}")
    for name in options.only:
        with tempfile.TemporaryDirectory() as folder:
            networks.write(name, folder)
            for batch in options.batch:
                plan, total = (size / 1e6 for size in planned(folder, batch))
                print(
                    f"{f'{name}/batch{batch}':24} planned {plan:8.0f} (in a fresh process {total:.0f})",
                    flush=True,
                )
                for peer in options.peers:
                    peaks = measured(
                        peer, {"kind": "infer", "folder": folder, "batch": batch}, options.threads
                    )
                    columns = (
                        f"{peaks[0] / 1e6:18.0f} {peaks[1] / 1e6:12.0f}" if peaks else "cannot run this case"
                    )
                    print(f"    {peer:28} {columns}", flush=True)


def planned(folder: str, batch: int) -> tuple[int, int]:
    """Bytes that `model.memory` foretells for predictions of one batch: the plan and the total."""
    import convcore as cc

    memory = cc.models.load_model(f"{folder}/model.keras", compile=False).memory(batch)
    return memory["predict"]["plan"], memory["predict"]["total"]


def measured(peer: str, case: dict, threads: int) -> tuple[int, int] | None:
    """Bytes over the start at the peak: of all, and of predictions alone; None if the case cannot run."""
    if not harness.installed(peer):
        return None
    worker = harness.Worker(peer, case, threads)
    if worker.ask() is None:
        return None
    process = Path("/proc") / str(worker.process.pid)
    whole = harness.memory("VmHWM", process)
    (process / "clear_refs").write_text("5")  # VmHWM starts again at what is held now
    worker.ask("go")
    predicting = harness.memory("VmHWM", process)
    worker.close()
    before = worker.facts["before_bytes"]
    return whole - before, predicting - before


if __name__ == "__main__":
    main()
