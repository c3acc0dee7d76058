"""The Python peers: `peer.py onnxruntime|litert MODEL REPEATS THREADS`, printing as latency.cpp does."""

import statistics
import sys
import time

import numpy as np


def onnxruntime(path, threads):
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    image = np.full((1, 1, 28, 28), 0.5, np.float32)
    return lambda: session.run(None, {"input": image})


def litert(path, threads):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=path, num_threads=threads)
    interpreter.allocate_tensors()
    (given,), (result,) = interpreter.get_input_details(), interpreter.get_output_details()
    image = np.full((1, 28, 28, 1), 0.5, np.float32)

    def predict():
        interpreter.set_tensor(given["index"], image)
        interpreter.invoke()
        return interpreter.get_tensor(result["index"])

    return predict


def main():
    name, path, repeats, threads = sys.argv[1:]
    predict = {"onnxruntime": onnxruntime, "litert": litert}[name](path, int(threads))
    predict()
    print("first", flush=True)
    times = []
    for _ in range(int(repeats)):
        begin = time.perf_counter()
        predict()
        times.append((time.perf_counter() - begin) * 1e6)
    with open("/proc/self/statm") as file:
        resident = int(file.read().split()[1]) * 4096
    print(statistics.median(times), resident)


if __name__ == "__main__":
    main()
