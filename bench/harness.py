"""Runs the same work in several libraries, each in a process of its own, in turns.

A worker process is `python -m bench.harness worker <peer> <case as JSON>`: it builds the work, answers
"ready", and for every line "go" runs one round and answers the seconds it took. The parent interleaves
the rounds of all workers.
"""

from __future__ import annotations

import contextlib
import datetime
import importlib
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

PEERS = {
    "convcore": "convcore",
    "torch": "torch",
    "keras_tensorflow": "tensorflow",
    "keras_jax": "jax",
    "onnxruntime": "onnxruntime",
    "openvino": "openvino",
    "litert": "ai_edge_litert",
}


def installed(peer: str) -> bool:
    """Whether the library behind ``peer`` can be imported (without importing it)."""
    return importlib.util.find_spec(PEERS[peer]) is not None


class Worker:
    """One library's process; ``rounds`` collects the seconds of each round."""

    def __init__(self, peer: str, case: dict, threads: int):
        self.peer, self.rounds, self.facts = peer, [], {}
        environment = dict(
            os.environ, PYTHONPATH=os.pathsep.join([str(Path(__file__).parent.parent), *sys.path])
        )
        for name in ("OMP_NUM_THREADS", "CONVCORE_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"):
            environment[name] = str(threads)
        environment.update(TF_NUM_INTEROP_THREADS="1", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.harness", "worker", peer, json.dumps(dict(case, threads=threads))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def ask(self, word: str | None = None) -> dict | None:
        """Sends ``word`` and returns the worker's answer; None if the worker ended."""
        with contextlib.suppress(BrokenPipeError):
            if word is not None:
                self.process.stdin.write(word + "\n")
                self.process.stdin.flush()
            for line in self.process.stdout:
                if line.startswith("@"):
                    return json.loads(line[1:])
        return None

    def close(self) -> None:
        self.facts.update(self.ask("facts") or {})
        self.process.stdin.close()
        self.process.wait(timeout=60)


def compare(case: dict, peers: list[str], threads: int, rounds: int, report=print) -> list[Worker]:
    """Starts a worker per installed peer, warms all up, then runs ``rounds`` interleaved rounds."""
    workers = []
    for peer in peers:
        if not installed(peer):
            report(f"{peer}: {PEERS[peer]} is not installed, left out")
            continue
        worker = Worker(peer, case, threads)
        if worker.ask() is None:
            report(
                f"{peer}: left out, it cannot run this case: {worker.process.stderr.read().strip()[-300:]}"
            )
            continue
        workers.append(worker)
    for _ in range(rounds):
        for worker in workers:
            worker.rounds.append(worker.ask("go")["seconds"])
    for worker in workers:
        worker.close()
    return workers


def spread(values: list[float]) -> tuple[float, float]:
    """Median and interquartile range."""
    if len(values) < 2:
        return values[0], 0.0
    low, _, high = statistics.quantiles(values, n=4)
    return statistics.median(values), high - low


def machine() -> dict:
    """The machine and the date of a result."""
    model = platform.processor()
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return {"processor": model, "cores": os.cpu_count(), "date": datetime.date.today().isoformat()}


def save(path: str | None, name: str, threads: int, workers: list[Worker], **more) -> None:
    """Keeps one comparison as a small JSON file."""
    if path is None:
        return
    rows = {w.peer: dict(w.facts, seconds=[round(s, 9) for s in w.rounds]) for w in workers}
    file = Path(path)
    results = json.loads(file.read_text()) if file.exists() else []
    results.append({"case": name, "threads": threads, **machine(), **more, "peers": rows})
    file.write_text(json.dumps(results, indent=1) + "\n")


def memory(field: str, process: Path = Path("/proc/self")) -> int:
    """``VmHWM`` (peak) or ``VmRSS`` of a process, of this one by default, in bytes."""
    for line in (process / "status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    return 0


def serve(peer: str, case: dict) -> None:
    """The worker's side: build, warm up, then one round per line."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # libraries may print; answers go out on their own stream
    run = importlib.import_module(f"bench.peers.{peer}_peer").build(case)

    def answer(message: dict) -> None:
        out.write("@" + json.dumps(message) + "\n")
        out.flush()

    run()
    begin = time.perf_counter()
    run()
    # Short calls are timed many together, so that waking threads and filling caches is not what is measured.
    together = max(1, min(1000, int(0.1 / (time.perf_counter() - begin))))
    for _ in range(together):
        run()
    answer({"ready": True})
    for line in sys.stdin:
        if line.strip() == "facts":
            answer(
                {
                    "peak_bytes": memory("VmHWM"),
                    "before_bytes": case.get("before_bytes", 0),
                    **run.__dict__.get("facts", {}),
                }
            )
            return
        begin = time.perf_counter()
        for _ in range(together):
            run()
        answer({"seconds": (time.perf_counter() - begin) / together})


if __name__ == "__main__":
    serve(sys.argv[2], json.loads(sys.argv[3]))
