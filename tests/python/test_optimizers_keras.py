"""Every optimizer beside Keras: 20 steps of a small convolutional network from equal weights and batches,
with each of the options that all optimizers share; then the state, variable by variable.
"""

import convcore
import numpy as np
import pytest
from oracle import keras

jax = pytest.importorskip("jax")
jax.config.update("jax_disable_most_optimizations", True)

RNG = np.random.default_rng(31)
STEPS = 20
X = RNG.normal(size=(STEPS, 8, 6, 6, 2)).astype("float32")
Y = RNG.integers(0, 3, (STEPS, 8))


def network(library):
    layers = library.layers
    return library.Sequential(
        [
            layers.Input((6, 6, 2)),
            layers.Conv2D(3, 3, activation="tanh", name="conv"),
            layers.Flatten(),
            layers.Dense(3, activation="softmax", name="dense"),
        ]
    )


@pytest.fixture(scope="module")
def oracle():
    """A model, its initial weights, and its gradients as one compiled function."""
    model = network(keras)
    loss = keras.losses.SparseCategoricalCrossentropy()

    def value(trainable, x, y):
        return loss(y, model.stateless_call(trainable, [], x)[0])

    return model, model.get_weights(), jax.jit(jax.grad(value))


def steps_of_keras(oracle, make):
    model, start, gradients = oracle
    model.set_weights(start)
    optimizer = make(keras.optimizers)
    optimizer.build(model.trainable_variables)
    apply = jax.jit(optimizer.stateless_apply)
    weights = [v.value for v in model.trainable_variables]
    state = [v.value for v in optimizer.variables]
    for x, y in zip(X, Y, strict=True):
        weights, state = apply(state, gradients(weights, x, y), weights)
    return weights, [(v.path, value) for v, value in zip(optimizer.variables, state, strict=True)]


OPTIMIZERS = {
    "SGD": {"learning_rate": 0.05},
    "momentum": {"learning_rate": 0.05, "momentum": 0.9},
    "nesterov": {"learning_rate": 0.05, "momentum": 0.9, "nesterov": True},
    "RMSprop": {},
    "centered": {"momentum": 0.5, "centered": True, "epsilon": 1e-5},
    "Adam": {},
    "amsgrad": {"amsgrad": True, "beta_2": 0.9},
    "AdamW": {},
    "Adagrad": {"learning_rate": 0.01},
    "Adadelta": {"learning_rate": 0.5},
    "Adamax": {},
    "Nadam": {},
    "Ftrl": {"learning_rate": 0.01, "l1_regularization_strength": 0.001, "beta": 0.1},
    "Lion": {"learning_rate": 1e-4},
    "Lamb": {},
}
CLASSES = {"momentum": "SGD", "nesterov": "SGD", "centered": "RMSprop", "amsgrad": "Adam"}
OPTIONS = {
    "plain": {},
    "weight_decay": {"weight_decay": 0.02},
    "global_clipnorm": {"global_clipnorm": 0.3},
    "ema": {"use_ema": True, "ema_momentum": 0.9, "ema_overwrite_frequency": 6},
    "schedule": {},
    "accumulation": {"gradient_accumulation_steps": 3, "clipnorm": 0.2},
}


def maker(name, option):
    """A function of a library's `optimizers` module."""
    arguments = {**OPTIMIZERS[name], **OPTIONS[option]}

    def make(module):
        cls = getattr(module, CLASSES.get(name, name))
        rate = arguments.get("learning_rate", 0.001)
        if option == "schedule":
            rate = module.schedules.CosineDecay(rate, 15, 0.1, warmup_target=2 * rate, warmup_steps=4)
        return cls(**{**arguments, "learning_rate": rate})

    return make


def cases():
    """All options with all optimizers; accumulation, the same code for all, with two."""
    return [(n, o) for n in OPTIMIZERS for o in OPTIONS if o != "accumulation" or n in ("Adam", "momentum")]


@pytest.mark.parametrize(("name", "option"), cases())
def test_twenty_steps(oracle, name, option):
    make = maker(name, option)
    expected, expected_state = steps_of_keras(oracle, make)
    model = network(convcore)
    model.set_weights(oracle[1])
    model.compile(make(convcore.optimizers), "sparse_categorical_crossentropy")
    for x, y in zip(X, Y, strict=True):
        model.train_on_batch(x, y)
    for actual, value in zip(model.get_weights(), expected, strict=True):
        np.testing.assert_allclose(actual, value, rtol=0, atol=1e-5)
    state = model.optimizer.variables
    names = [path.rsplit("/", 1)[-1] for path, _ in expected_state]
    assert [v.name for v in state] == ["variable" if n.startswith("variable") else n for n in names]
    for variable, (path, value) in zip(state, expected_state, strict=True):
        scale = max(1.0, float(np.abs(value).max()))
        np.testing.assert_allclose(variable.numpy(), value, rtol=0, atol=1e-5 * scale, err_msg=path)


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("option", ["ema", "schedule"])
def test_configurations(name, option):
    ours, theirs = maker(name, option)(convcore.optimizers), maker(name, option)(keras.optimizers)
    expected, actual = theirs.get_config(), ours.get_config()
    assert list(actual)[:11] == list(expected)[:11] and set(actual) == set(expected)
    constant = {"learning_rate": 0, "name": ""}
    assert {**actual, **constant} == {**expected, **constant}
    if option == "ema":
        assert actual["learning_rate"] == expected["learning_rate"]
    again = convcore.optimizers.deserialize(keras.optimizers.serialize(theirs))
    assert {**again.get_config(), "name": ""} == {**actual, "name": ""}
    again = keras.saving.deserialize_keras_object(convcore.optimizers.serialize(ours))
    assert type(again) is type(theirs)


# Keras's classes that convcore does not have yet (docs/roadmap.md), and its modules.
LATER = {"Adafactor", "LossScaleOptimizer", "MultiOptimizer", "Muon", "OptimizerMap", "ScheduleFreeAdamW"}


def test_every_name_and_argument_of_keras():
    import inspect

    names = {name for name in dir(keras.optimizers) if not name.startswith("_")}
    assert {name for name in names if not hasattr(convcore.optimizers, name)} == LATER | {"legacy"}
    for name in names - LATER - {"legacy", "schedules", "get", "serialize", "deserialize"}:
        theirs, ours = (inspect.signature(getattr(lib.optimizers, name)) for lib in (keras, convcore))
        assert str(ours) == str(theirs), name
