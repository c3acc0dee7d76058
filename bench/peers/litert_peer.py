"""LiteRT (TensorFlow Lite with XNNPACK): whole networks and single convolutions, forward only."""

import os
import subprocess
import sys
import tempfile

import numpy as np

from bench import cases
from bench.peers import network_runs

CONVERT = """
import os, sys
os.environ["KERAS_BACKEND"] = "tensorflow"
import keras, tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2
folder, batch = sys.argv[1], int(sys.argv[2])
model = keras.models.load_model(f"{folder}/model.keras", compile=False)
signature = tf.TensorSpec((batch, *model.input_shape[1:]), tf.float32)
function = tf.function(lambda x: model(x, training=False)).get_concrete_function(signature)
frozen = convert_variables_to_constants_v2(function)
data = tf.lite.TFLiteConverter.from_concrete_functions([frozen]).convert()
open(f"{folder}/model_{batch}.tflite", "wb").write(data)
"""

_CONVERT_LAYER = """
import sys
import numpy as np, tensorflow as tf
folder, strides, groups = sys.argv[1], [int(s) for s in sys.argv[2].split(",")], int(sys.argv[3])
x, w, b = (np.load(f"{folder}/{name}.npy") for name in "xwb")

@tf.function(input_signature=[tf.TensorSpec(x.shape, tf.float32)])
def layer(x):
    if groups > 1:
        y = tf.nn.depthwise_conv2d(x, w.transpose(0, 1, 3, 2), [1, *strides, 1], "SAME")
    else:
        y = tf.nn.convolution(x, w, strides, "SAME")
    return tf.nn.bias_add(y, b)

data = tf.lite.TFLiteConverter.from_concrete_functions([layer.get_concrete_function()]).convert()
open(f"{folder}/layer.tflite", "wb").write(data)
"""


def build(case):
    if case["kind"] == "convolution" and case["direction"] == "forward":
        return convolution(case)
    if case["kind"] != "infer":
        raise SystemExit("LiteRT runs forward only")
    from ai_edge_litert.interpreter import Interpreter

    path = os.path.join(case["folder"], f"model_{case['batch']}.tflite")
    if not os.path.exists(path):
        subprocess.run([sys.executable, "-c", CONVERT, case["folder"], str(case["batch"])], check=True)
    arrays = network_runs.sample(case)
    before = network_runs.now()
    interpreter = Interpreter(model_path=path, num_threads=case["threads"])
    interpreter.allocate_tensors()
    (given,), (result,) = interpreter.get_input_details(), interpreter.get_output_details()
    x = network_runs.batch(case, arrays["sample"])

    def infer():
        interpreter.set_tensor(given["index"], x)
        interpreter.invoke()
        return interpreter.get_tensor(result["index"])

    return network_runs.run(case, before, arrays, infer)


def convolution(case):
    """The work alone: the input is copied in before, the output stays inside."""
    from ai_edge_litert.interpreter import Interpreter

    arrays = dict(zip("xwb", cases.convolution(case), strict=True))
    with tempfile.TemporaryDirectory() as folder:
        for name, array in arrays.items():
            np.save(f"{folder}/{name}.npy", array)
        options = [folder, ",".join(map(str, case["strides"])), str(case.get("groups", 1))]
        subprocess.run([sys.executable, "-c", _CONVERT_LAYER, *options], check=True)
        interpreter = Interpreter(model_path=f"{folder}/layer.tflite", num_threads=case["threads"])
        interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], arrays["x"])
    return interpreter.invoke
