"""What both Keras backends share."""

from bench import cases
from bench.harness import memory
from bench.peers import network_runs


def train_mnist(case):
    import keras

    x, y = cases.images(case)
    case["before_bytes"] = memory("VmRSS")
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])

    def run():
        model.fit(x, y, batch_size=case["batch"], epochs=1, verbose=0)

    return run


def train(case):
    import keras

    x, y = network_runs.training_data(case)
    before = network_runs.now()
    model = keras.models.load_model(f"{case['folder']}/model.keras", compile=False)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])

    def run():
        model.fit(x, y, batch_size=case["batch"], epochs=1, verbose=0)

    run.facts = {"before_bytes": before}
    return run


def infer(case, compiled):
    """`compiled(model, x)` gives a function without arguments that returns the output."""
    import keras

    arrays = network_runs.sample(case)
    before = network_runs.now()
    model = keras.models.load_model(f"{case['folder']}/model.keras", compile=False)
    x = network_runs.batch(case, arrays["sample"])
    return network_runs.run(case, before, arrays, compiled(model, x))


def layer(case):
    import keras

    if case["kind"] == "dense":
        x, w, _ = cases.dense(case)
        made = keras.layers.Dense(w.shape[-1])
    else:
        x, w, _ = cases.convolution(case)
        if case.get("groups", 1) > 1:
            made = keras.layers.DepthwiseConv2D(tuple(case["kernel"]), tuple(case["strides"]), "same")
            made.build(x.shape)
            return made, x
        made = getattr(keras.layers, f"Conv{len(case['kernel'])}D")(
            case["filters"], tuple(case["kernel"]), tuple(case["strides"]), "same"
        )
    made.build(x.shape)
    return made, x
