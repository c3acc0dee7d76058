"""A network of bench.networks as an ONNX model, for ONNX Runtime and OpenVINO."""

import numpy as np

from bench import networks

# the bounds of relu6
_LIMITS = ["relu6/low", "relu6/high"]


def load(folder, batch):
    """(serialised ONNX model with the input "x" (batch, channels, height, width), arrays of the folder)."""
    from onnx import TensorProto, helper, numpy_helper

    steps, arrays = networks.read(folder)
    arrays.update(zip(_LIMITS, np.float32([0, 6]), strict=True))
    nodes, used = [], set()
    for step in steps:
        node, weights = _node(helper, step, arrays)
        nodes.append(node)
        used.update(weights)
    n, h, w, c = arrays["sample"].shape
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, (batch, c, h, w))],
        [helper.make_tensor_value_info(steps[-1]["name"], TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(arrays[name]), name) for name in sorted(used)],
    )
    opset = helper.make_opsetid("", 17)
    return helper.make_model(graph, opset_imports=[opset], ir_version=9).SerializeToString(), arrays


def _node(helper, step, arrays):
    """The ONNX node of one step and the names of its weights."""
    kind, name = step["kind"], step["name"]
    attributes, weights = {}, []
    if kind in ("conv", "max_pool"):
        (top, bottom), (left, right) = step["pads"]
        attributes = {"strides": step["strides"], "pads": [top, left, bottom, right]}
    if kind == "conv":
        attributes["group"] = step["groups"]
        weights = [f"{name}/{key}" for key in "wb" if f"{name}/{key}" in arrays]
    elif kind == "max_pool":
        attributes["kernel_shape"] = step["size"]
    elif kind == "norm":
        attributes["epsilon"] = step["epsilon"]
        weights = [f"{name}/{key}" for key in ("gamma", "beta", "mean", "variance")]
    elif kind == "dense":
        weights = [f"{name}/w", f"{name}/b"]
    elif kind == "global_average":
        attributes = {"axes": [2, 3], "keepdims": 0}
    elif kind == "softmax":
        attributes = {"axis": -1}
    elif kind == "relu6":
        weights = _LIMITS
    return helper.make_node(_KINDS[kind], [*step["inputs"], *weights], [name], **attributes), weights


_KINDS = {
    "conv": "Conv",
    "max_pool": "MaxPool",
    "norm": "BatchNormalization",
    "dense": "Gemm",
    "global_average": "ReduceMean",
    "softmax": "Softmax",
    "relu": "Relu",
    "relu6": "Clip",
    "add": "Add",
    "flatten": "Flatten",
    "dropout": "Identity",
}
