"""Training beside Keras from equal weights and batches: weights, logs, order of results."""

import convcore
import numpy as np
import pytest
from oracle import keras

# JAX compiles for seconds what it then runs for milliseconds.
pytest.importorskip("jax").config.update("jax_disable_most_optimizations", True)

RNG = np.random.default_rng(5)


def dense_layers(library):
    layers = library.layers
    return [layers.Input((6,)), layers.Dense(16, "relu"), layers.Dense(3, "sigmoid")]


def convolutional_layers(library):
    layers = library.layers
    return [
        layers.Input((28, 28, 1)),
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ]


def both(make, **compile_arguments):
    """The same model in both libraries, with Keras's initial weights; optimizers are functions of the
    library.
    """
    theirs, ours = keras.Sequential(make(keras)), convcore.Sequential(make(convcore))
    ours.set_weights(theirs.get_weights())
    for library, model in ((keras, theirs), (convcore, ours)):
        arguments = {k: v(library) if callable(v) else v for k, v in compile_arguments.items()}
        model.compile(**arguments)
    return theirs, ours


def assert_same_weights(theirs, ours, tolerance=1e-4):
    for expected, actual in zip(theirs.get_weights(), ours.get_weights(), strict=True):
        np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance * np.abs(expected).max())


def samples(count=100, classes=3):
    x = RNG.normal(size=(count, 6)).astype("float32")
    return x, x[:, :classes].argmax(1)


def test_fifty_adam_steps_of_the_convolutional_network():
    # Two entries of a pooling window that differ in the last bit send the gradient to different places in two
    # implementations, which no tolerance covers. Small batches of these draws hold no such pair.
    random = np.random.default_rng(1)
    x = random.random((100, 28, 28, 1)).astype("float32")
    y = random.integers(0, 10, 100)
    loss = "sparse_categorical_crossentropy"
    theirs, ours = both(convolutional_layers, optimizer="adam", loss=loss, metrics=["accuracy"])
    start = [
        random.normal(size=w.shape) * np.sqrt(2 / np.prod(w.shape[:-1])) * (w.ndim > 1)
        for w in ours.get_weights()
    ]
    theirs.set_weights(start)
    ours.set_weights(start)
    expected = theirs.fit(x, y, batch_size=2, shuffle=False, verbose=0).history
    actual = ours.fit(x, y, batch_size=2, shuffle=False, verbose=0).history
    assert_same_weights(theirs, ours)
    assert list(actual) == list(expected) == ["accuracy", "loss"]
    for name in expected:
        np.testing.assert_allclose(actual[name], expected[name], atol=5e-5)


def test_images_with_empty_background():
    # Sums over pixels of 0 are exactly 0, where relu's derivative is 0. A gradient of rounding errors instead
    # moves weights as far as any other in the first steps of Adam.
    random = np.random.default_rng(2)
    x = random.random((32, 28, 28, 1)).astype("float32")
    x[:, :9] = x[:, :, 15:] = 0
    theirs, ours = both(convolutional_layers, optimizer="adam", loss="sparse_categorical_crossentropy")
    y = random.integers(0, 10, 32)
    for model in (theirs, ours):
        model.fit(x, y, batch_size=16, shuffle=False, verbose=0)
    assert_same_weights(theirs, ours, 1e-3)


OPTIMIZERS = {  # every one of them is in test_optimizers_keras.py
    "default": None,
    "accumulated": lambda lib: lib.optimizers.Adam(0.01, gradient_accumulation_steps=3, clipnorm=0.05),
    "averaged": lambda lib: lib.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.8),
    "schedule": lambda lib: lib.optimizers.SGD(lib.optimizers.schedules.CosineDecay(0.2, 9)),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_in_fit(name):
    x, y = samples()
    optimizer = {} if OPTIMIZERS[name] is None else {"optimizer": OPTIMIZERS[name]}
    loss = "sparse_categorical_crossentropy"
    theirs, ours = both(dense_layers, loss=loss, **optimizer)
    for model in (theirs, ours):
        model.fit(x, y, batch_size=16, epochs=3, shuffle=False, verbose=0)
    assert_same_weights(theirs, ours)
    assert int(np.asarray(ours.optimizer.iterations)) == int(np.asarray(theirs.optimizer.iterations))
    assert [v.name for v in ours.optimizer.variables][:2] == [v.name for v in theirs.optimizer.variables][:2]
    assert len(ours.optimizer.variables) == len(theirs.optimizer.variables)


FIT_ARGUMENTS = {
    "validation_split": {"validation_split": 0.25},
    "uneven_batches": {"batch_size": 33, "validation_split": 0.1, "validation_batch_size": 4},
    "class_weight": {"class_weight": {0: 0.2, 2: 3.0}},
    "sample_weight": {"sample_weight": RNG.uniform(0, 2, 100).astype("float32")},
    "initial_epoch": {"initial_epoch": 2, "epochs": 4},
    "steps_per_epoch": {"batch_size": 10, "steps_per_epoch": 4, "epochs": 5},
    "steps_decide_the_batch_size": {"steps_per_epoch": 3},
    "validation_every_second_epoch": {"validation_split": 0.2, "validation_freq": 2, "epochs": 4},
    "validation_after_some_epochs": {"validation_split": 0.2, "validation_freq": [1, 3], "epochs": 4},
    "validation_steps": {"validation_split": 0.5, "validation_steps": 2, "batch_size": 8},
}


@pytest.mark.filterwarnings("ignore:Your input ran out of data", "ignore::UserWarning")
@pytest.mark.parametrize("name", FIT_ARGUMENTS)
def test_arguments_of_fit(name):
    x, y = samples()
    metrics = ["accuracy", "sparse_categorical_crossentropy"]
    theirs, ours = both(
        dense_layers,
        optimizer=lambda lib: lib.optimizers.SGD(0.1),
        loss="sparse_categorical_crossentropy",
        metrics=lambda _: metrics,
        weighted_metrics=lambda _: ["accuracy"],
    )
    arguments = {"batch_size": 16, "epochs": 2, "shuffle": False, "verbose": 0, **FIT_ARGUMENTS[name]}
    if "steps_decide" in name:
        del arguments["batch_size"]
    expected, actual = theirs.fit(x, y, **arguments), ours.fit(x, y, **arguments)
    assert actual.epoch == expected.epoch and actual.params == expected.params
    assert list(actual.history) == list(expected.history)
    for key in expected.history:
        np.testing.assert_allclose(actual.history[key], expected.history[key], atol=5e-5, err_msg=key)
    assert_same_weights(theirs, ours)


TARGETS = {
    "binary": ("binary_crossentropy", 1, lambda n: RNG.integers(0, 2, (n, 1))),
    "binary_flat": ("bce", 1, lambda n: RNG.integers(0, 2, n)),
    "one_hot": ("ce", 3, lambda n: np.eye(3)[RNG.integers(0, 3, n)]),
    "sparse_column": ("crossentropy", 3, lambda n: RNG.integers(0, 3, (n, 1))),
    "sparse_bytes": ("ce", 3, lambda n: RNG.integers(0, 3, n).astype("uint8")),
    "regression": ("mse", 2, lambda n: RNG.normal(size=(n, 2))),
}


@pytest.mark.parametrize("name", TARGETS)
def test_losses_and_accuracy_by_the_shapes(name):
    loss, units, make = TARGETS[name]
    x, y = RNG.normal(size=(50, 6)).astype("float32"), make(50)
    activation = None if name == "regression" else "sigmoid"

    def layers(library):
        return [library.layers.Input((6,)), library.layers.Dense(units, activation)]

    metrics = ["mae", "mse"] if name == "regression" else ["acc", "accuracy", "mse"]
    if name.startswith("sparse"):
        metrics = ["acc", "accuracy"]
    theirs, ours = both(layers, optimizer=lambda lib: lib.optimizers.SGD(0.1), loss=loss, metrics=metrics)
    for model in (theirs, ours):
        model.fit(x, y, epochs=2, shuffle=False, verbose=0)
    expected, actual = theirs.evaluate(x, y, verbose=0), ours.evaluate(x, y, verbose=0)
    np.testing.assert_allclose(actual, expected, atol=5e-5)
    assert list(ours.history.history) == list(theirs.history.history)
    assert_same_weights(theirs, ours)


def two_headed(library):
    layers = library.layers
    inputs = layers.Input((6,))
    hidden = layers.Dense(8, "relu")(inputs)
    outputs = [layers.Dense(3, "sigmoid", name="kind")(hidden), layers.Dense(1, name="size")(hidden)]
    return library.Model(inputs, outputs)


@pytest.mark.parametrize(
    "arguments",
    [
        {"loss": ["sparse_categorical_crossentropy", "mse"], "metrics": [["accuracy"], ["mae", "mse"]]},
        {
            "loss": {"kind": "sparse_categorical_crossentropy", "size": "mse"},
            "loss_weights": {"kind": 2.0, "size": 0.5},
            "metrics": {"size": "mae"},
        },
        {"loss": "mse"},
    ],
    ids=["lists", "dicts", "one_for_all"],
)
def test_several_outputs(arguments):
    x, kind = samples(60)
    size = RNG.normal(size=(60, 1))
    if arguments["loss"] == "mse":
        kind = np.eye(3)[kind]
    theirs, ours = two_headed(keras), two_headed(convcore)
    ours.set_weights(theirs.get_weights())
    for library, model in ((keras, theirs), (convcore, ours)):
        model.compile(library.optimizers.SGD(0.05), **arguments)
        model.fit(x, [kind, size], epochs=2, shuffle=False, verbose=0)
    assert list(ours.history.history) == list(theirs.history.history)
    expected = theirs.evaluate(x, [kind, size], verbose=0)
    np.testing.assert_allclose(ours.evaluate(x, [kind, size], verbose=0), expected, atol=5e-5)
    by_name = theirs.evaluate(x, [kind, size], verbose=0, return_dict=True)
    ours_by_name = ours.evaluate(x, [kind, size], verbose=0, return_dict=True)
    assert list(ours_by_name) == list(by_name)
    for mine, other in zip(ours.predict(x), theirs.predict(x, verbose=0), strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-4)
    assert_same_weights(theirs, ours)


@pytest.mark.filterwarnings("ignore:Gradients do not exist")
def test_outputs_in_a_dict_may_lack_a_loss():
    x, _ = samples(60)
    y = {"kind": RNG.normal(size=(60, 3)).astype("float32")}
    theirs, ours = (
        library.Model(model.inputs, dict(zip(("kind", "size"), model.outputs, strict=True)))
        for library, model in ((lib, two_headed(lib)) for lib in (keras, convcore))
    )
    ours.set_weights(theirs.get_weights())
    for library, model in ((keras, theirs), (convcore, ours)):
        model.compile(library.optimizers.SGD(0.05), loss={"kind": "mse"})
        model.fit(x, y, shuffle=False, verbose=0)
    assert_same_weights(theirs, ours)


def nested(library):
    """Outputs in a dict with a list in it, and compile arguments of the same structure."""
    layers = library.layers
    inputs = layers.Input((6,))
    hidden = layers.Dense(8, "tanh")(inputs)
    first, second, third = (layers.Dense(n, name=name)(hidden) for n, name in ((2, "p"), (1, "q"), (3, "r")))
    return library.Model(inputs, {"b": [first, second], "a": third})


def test_nested_outputs():
    x = RNG.normal(size=(40, 6)).astype("float32")
    y = {"b": [RNG.normal(size=(40, n)).astype("float32") for n in (2, 1)], "a": RNG.integers(0, 3, 40)}
    theirs, ours = nested(keras), nested(convcore)
    ours.set_weights(theirs.get_weights())
    for library, model in ((keras, theirs), (convcore, ours)):
        scores = library.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(
            library.optimizers.SGD(0.05),
            loss={"b": ["mse", "mae"], "a": scores},
            loss_weights={"b": [0.5, 2.0], "a": 1.0},
            metrics={"b": [["mae"], ["mse", "mape"]], "a": ["accuracy"]},
        )
        model.fit(x, y, epochs=2, batch_size=16, shuffle=False, verbose=0)
    assert list(ours.history.history) == list(theirs.history.history)
    for key, values in theirs.history.history.items():
        np.testing.assert_allclose(ours.history.history[key], values, rtol=2e-4, err_msg=key)
    assert_same_weights(theirs, ours)


WEIGHTS = RNG.uniform(0, 2, 60).astype("float32")


def test_weights_per_output():
    weights = [WEIGHTS, WEIGHTS[::-1].copy()]
    x, kind = samples(60)
    y = [kind, RNG.normal(size=(60, 1))]
    theirs, ours = two_headed(keras), two_headed(convcore)
    ours.set_weights(theirs.get_weights())
    for library, model in ((keras, theirs), (convcore, ours)):
        model.compile(
            library.optimizers.SGD(0.05),
            ["sparse_categorical_crossentropy", "mse"],
            metrics=[["accuracy"], ["mae"]],
            weighted_metrics=[["accuracy"], ["mse"]],
        )
        model.fit(x, y, sample_weight=weights, epochs=2, shuffle=False, verbose=0)
    assert list(ours.history.history) == list(theirs.history.history)
    for key, values in theirs.history.history.items():
        np.testing.assert_allclose(ours.history.history[key], values, atol=5e-5, err_msg=key)
    assert_same_weights(theirs, ours)
    names = ("kind", "size")  # which Keras does not take for weights
    expected = ours.evaluate(x, y, sample_weight=weights, verbose=0)
    y, weights = (dict(zip(names, values, strict=True)) for values in (y, weights))
    assert ours.evaluate(x, y, sample_weight=weights, verbose=0) == expected


def test_regularizers_count_in_the_loss():
    def layers(library):
        dense = library.layers.Dense
        penalties = {"kernel_regularizer": "l2", "activity_regularizer": library.regularizers.L1(0.03)}
        return [library.layers.Input((6,)), dense(8, "relu", **penalties), dense(3, "sigmoid")]

    x, y = samples()
    theirs, ours = both(
        layers, optimizer=lambda lib: lib.optimizers.SGD(0.1), loss="sparse_categorical_crossentropy"
    )
    expected = theirs.fit(x, y, epochs=2, shuffle=False, verbose=0).history["loss"]
    np.testing.assert_allclose(
        ours.fit(x, y, epochs=2, shuffle=False, verbose=0).history["loss"], expected, atol=5e-5
    )
    np.testing.assert_allclose(ours.evaluate(x, y, verbose=0), theirs.evaluate(x, y, verbose=0), atol=5e-5)
    assert_same_weights(theirs, ours)


def test_single_batches():
    x, y = samples(8)
    weights = RNG.uniform(0, 2, 8).astype("float32")
    theirs, ours = both(
        dense_layers, optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    for _ in range(3):
        expected = theirs.train_on_batch(x, y, sample_weight=weights)
        np.testing.assert_allclose(ours.train_on_batch(x, y, sample_weight=weights), expected, atol=5e-5)
    np.testing.assert_allclose(ours.test_on_batch(x, y), theirs.test_on_batch(x, y), atol=5e-5)
    expected = theirs.train_on_batch(x, y, class_weight={1: 0.5}, return_dict=True)
    actual = ours.train_on_batch(x, y, class_weight={1: 0.5}, return_dict=True)
    assert list(actual) == sorted(expected)
    np.testing.assert_allclose(ours.predict_on_batch(x), theirs.predict_on_batch(x), atol=1e-5)
    assert_same_weights(theirs, ours)
