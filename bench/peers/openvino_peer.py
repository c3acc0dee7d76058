"""OpenVINO: whole networks, inference only."""

import numpy as np

from bench.peers import network_runs, onnx_network


def build(case):
    if case["kind"] != "infer":
        raise SystemExit("OpenVINO runs whole networks forward only")
    import openvino

    before = network_runs.now()
    data, arrays = onnx_network.load(case["folder"], case["batch"])
    core = openvino.Core()
    settings = {"INFERENCE_NUM_THREADS": case["threads"], "INFERENCE_PRECISION_HINT": "f32"}
    compiled = core.compile_model(core.read_model(data), "CPU", settings)
    x = np.ascontiguousarray(network_runs.batch(case, arrays["sample"]).transpose(0, 3, 1, 2))
    request = compiled.create_infer_request()
    return network_runs.run(case, before, arrays, lambda: request.infer({0: x})[0])
