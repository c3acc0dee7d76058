"""ONNX Runtime: inference only."""

import numpy as np

from bench import cases
from bench.peers import network_runs, onnx_network


def build(case):
    if case["kind"] == "infer":
        return infer(case)
    if case["kind"].startswith("train") or case["direction"] != "forward":
        raise SystemExit("ONNX Runtime's registry package runs forward only")
    from onnx import TensorProto, helper, numpy_helper

    if case["kind"] == "dense":
        x, w, b = cases.dense(case)
        node = helper.make_node("Gemm", ["x", "w", "b"], ["y"])
    else:
        x, w, b = cases.convolution(case)
        x, w = (
            np.ascontiguousarray(np.moveaxis(x, -1, 1)),
            np.ascontiguousarray(np.moveaxis(w, (-1, -2), (0, 1))),
        )
        attrs = {"strides": case["strides"], "auto_pad": "SAME_UPPER", "group": case.get("groups", 1)}
        node = helper.make_node("Conv", ["x", "w", "b"], ["y"], **attrs)
    graph = helper.make_graph(
        [node],
        "layer",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(w, "w"), numpy_helper.from_array(b, "b")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    session = started(model.SerializeToString(), case)
    return lambda: session.run(None, {"x": x})


def started(data, case):
    """A session with the case's number of threads."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = case["threads"]
    return ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def infer(case):
    arrays = network_runs.sample(case)
    before = network_runs.now()
    session = started(onnx_network.load(case["folder"], case["batch"])[0], case)
    x = network_runs.batch(case, arrays["sample"])
    x = np.ascontiguousarray(x.transpose(0, 3, 1, 2))
    return network_runs.run(case, before, arrays, lambda: session.run(None, {"input": x})[0])
