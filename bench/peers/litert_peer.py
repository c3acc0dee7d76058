"""LiteRT (TensorFlow Lite with XNNPACK): whole networks, inference only."""

import os
import subprocess
import sys

from bench.peers import network_runs

_CONVERT = """
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


def build(case):
    if case["kind"] != "infer":
        raise SystemExit("LiteRT runs whole networks forward only")
    from ai_edge_litert.interpreter import Interpreter

    path = os.path.join(case["folder"], f"model_{case['batch']}.tflite")
    if not os.path.exists(path):
        subprocess.run([sys.executable, "-c", _CONVERT, case["folder"], str(case["batch"])], check=True)
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
