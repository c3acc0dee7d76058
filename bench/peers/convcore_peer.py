"""convcore's side of every case."""

import numpy as np

from bench import cases
from bench.harness import memory
from bench.peers import network_runs


def build(case):
    import convcore as cc

    kinds = {"train_mnist": train_mnist, "convolution": convolution, "dense": dense}
    return (kinds | {"infer": infer, "train": train, "augment": augment})[case["kind"]](cc, case)


def infer(cc, case):
    arrays = network_runs.sample(case)
    before = network_runs.now()
    model = cc.models.load_model(f"{case['folder']}/model.keras", compile=False)
    x = network_runs.batch(case, arrays["sample"])
    return network_runs.run(case, before, arrays, lambda: model.predict_on_batch(x))


def train(cc, case):
    x, y = network_runs.training_data(case)
    before = network_runs.now()
    model = cc.models.load_model(f"{case['folder']}/model.keras", compile=False)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])

    def run():
        model.fit(x, y, batch_size=case["batch"], epochs=1, verbose=0)

    run.facts = {"before_bytes": before}
    return run


def train_mnist(cc, case):
    x, y = cases.images(case)
    case["before_bytes"] = memory("VmRSS")
    model = cc.Sequential(
        [
            cc.Input((28, 28, 1)),
            cc.layers.Conv2D(32, 3, activation="relu"),
            cc.layers.MaxPooling2D(2),
            cc.layers.Conv2D(64, 3, activation="relu"),
            cc.layers.MaxPooling2D(2),
            cc.layers.Flatten(),
            cc.layers.Dropout(0.5),
            cc.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])

    def run():
        model.fit(x, y, batch_size=case["batch"], epochs=1, verbose=0)

    return run


def differentiated(cc, emit, arrays, case):
    """The forward function of ``emit``, or both gradients of a sum over it."""
    from convcore import _core

    graph = _core.Graph()
    x, *weights = arrays
    values = [graph.input("float32", x.shape, "x")]
    for i, array in enumerate(weights):
        variable = _core.Variable("float32", array.shape, f"weight{i}")
        variable.array[...] = array
        variable.touch()
        values.append(graph.variable(variable))
    out = emit(graph, values)
    if case["direction"] == "forward":
        graph.output(out)
        function = _core.Function(graph)
        return lambda: function(x)
    dy = np.random.default_rng(1).standard_normal(out.shape, dtype=np.float32)
    seed = graph.input("float32", out.shape, "dy")
    (product,) = graph.emit("multiply", [out, seed])
    (loss,) = graph.emit("sum", [product])
    for gradient in graph.gradients(loss, values):
        graph.output(gradient)
    function = _core.Function(graph)
    return lambda: function(x, dy)


def convolution(cc, case):
    strides = tuple(case["strides"])

    def emit(graph, values):
        attrs = {"strides": strides, "padding": "same", "groups": case.get("groups", 1)}
        (out,) = graph.emit("conv", values[:2], attrs)
        return graph.emit("add", [out, values[2]])[0]

    return differentiated(cc, emit, cases.convolution(case), case)


def dense(cc, case):
    def emit(graph, values):
        (out,) = graph.emit("dense", values[:2])
        return graph.emit("add", [out, values[2]])[0]

    return differentiated(cc, emit, cases.dense(case), case)


def augment(cc, case):
    x = cases.photographs(case)
    made = {
        "flip": lambda: cc.layers.RandomFlip("horizontal"),
        "rotation": lambda: cc.layers.RandomRotation(0.1),
        "zoom": lambda: cc.layers.RandomZoom(0.2),
        "contrast": lambda: cc.layers.RandomContrast(0.3),
    }
    model = cc.Sequential([cc.Input(x.shape[1:]), *(made[step]() for step in case["steps"])])
    return lambda: model(x, training=True)
