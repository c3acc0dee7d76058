"""One 28x28 prediction of the MNIST convnet in a C++ program, beside ONNX Runtime and LiteRT in Python.

    python -m bench.latency [--repeats 10000] [--rounds 5] [--threads 1]

Every round starts each program anew, one after the other: microseconds of one prediction (the median of the
repeats), milliseconds from the start of the process to its first prediction (for the peers that includes
Python), resident bytes. Medians over the rounds. A peer that is not installed is left out and named; LiteRT's
model is made by TensorFlow.
"""

import argparse
import importlib.util
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import networks
from bench.peers import litert_peer, onnx_network

HERE = Path(__file__).parent


def build_program(folder):
    cmakedir = subprocess.check_output([sys.executable, "-m", "convcore", "--cmakedir"], text=True).strip()
    quiet = {"check": True, "stdout": subprocess.DEVNULL}
    subprocess.run(["cmake", "-S", HERE, "-B", folder / "build", f"-Dconvcore_DIR={cmakedir}"], **quiet)
    subprocess.run(["cmake", "--build", folder / "build"], **quiet)
    return folder / "build" / "latency"


def commands(folder):
    """(name, command without repeats and threads) of every program that can run here."""
    networks.write("mnist_convnet", folder)
    import convcore as cc

    cc.models.load_model(folder / "model.keras").export(folder / "model.convcore")
    yield "convcore, C++", [build_program(folder), folder / "model.convcore"]
    peer = [sys.executable, HERE / "peer.py"]
    if importlib.util.find_spec("onnxruntime") and importlib.util.find_spec("onnx"):
        (folder / "model.onnx").write_bytes(onnx_network.load(folder, 1)[0])
        yield "ONNX Runtime, Python", [*peer, "onnxruntime", folder / "model.onnx"]
    else:
        print("ONNX Runtime: not installed")
    if importlib.util.find_spec("ai_edge_litert") and importlib.util.find_spec("tensorflow"):
        subprocess.run(
            [sys.executable, "-c", litert_peer.CONVERT, folder, "1"], check=True, capture_output=True
        )
        yield "LiteRT, Python", [*peer, "litert", folder / "model_1.tflite"]
    else:
        print("LiteRT: not installed, or no TensorFlow to make its model")


def measure(command, repeats, threads):
    """(microseconds, milliseconds to the first prediction, resident bytes)"""
    begin = time.perf_counter()
    arguments = [*map(str, command), str(repeats), str(threads)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        for line in process.stdout:
            if line.strip() == "first":
                first = (time.perf_counter() - begin) * 1e3
                break
        median, resident = process.stdout.read().split()
    return float(median), first, int(resident)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=10000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        programs = dict(commands(Path(name)))
        results = {program: [] for program in programs}
        for _ in range(arguments.rounds):
            for program, command in programs.items():
                results[program].append(measure(command, arguments.repeats, arguments.threads))
    print(f"{'':22}{'one prediction':>16}{'ratio':>8}{'to the first':>16}{'resident':>12}")
    base = statistics.median(row[0] for row in results["convcore, C++"])
    for program, rows in results.items():
        median, first, resident = (statistics.median(column) for column in zip(*rows, strict=True))
        print(f"{program:22}{median:13.1f} us{median / base:8.2f}{first:13.1f} ms{resident / 1e6:9.1f} MB")


if __name__ == "__main__":
    main()
