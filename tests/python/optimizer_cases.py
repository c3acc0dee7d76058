"""Twenty steps of a small convolutional network with every optimizer: Keras's updates along gradients that
are written down here in NumPy.
"""

import inspect
import json

import numpy as np

RNG = np.random.default_rng(31)
STEPS = 20
X = RNG.normal(size=(STEPS, 8, 6, 6, 2)).astype("float32")
Y = RNG.integers(0, 3, (STEPS, 8))
SHAPES = ((3, 3, 2, 3), (3,), (48, 3), (3,))
START = [
    (RNG.normal(size=shape) / np.sqrt(max(1, np.prod(shape[:-1])))).astype("float32") for shape in SHAPES
]


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


def gradients(weights, x, y):
    """Of the mean cross-entropy of the network, with respect to its four weights."""
    kernel, bias, dense, last = (np.asarray(w, "float64") for w in weights)
    windows = np.lib.stride_tricks.sliding_window_view(x.astype("float64"), (3, 3), axis=(1, 2))
    windows = windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, 18)
    hidden = np.tanh(windows @ kernel.reshape(18, 3) + bias)
    flat = hidden.reshape(len(x), -1)
    scores = flat @ dense + last
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    d_scores = (scores / scores.sum(axis=1, keepdims=True) - np.eye(3)[y]) / len(x)
    d_hidden = (d_scores @ dense.T).reshape(hidden.shape) * (1 - hidden**2)
    d_kernel = (windows.T @ d_hidden).reshape(kernel.shape)
    found = [d_kernel, d_hidden.sum(axis=0), flat.T @ d_scores, d_scores.sum(axis=0)]
    return [g.astype("float32") for g in found]


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
    "Adafactor": {"learning_rate": 0.2},
    "Muon": {"exclude_layers": ["nothing"]},
    "ScheduleFreeAdamW": {"warmup_steps": 5},
    "LossScaleOptimizer": {},
    "MultiOptimizer": {},
}
CLASSES = {"LossScaleOptimizer": "Adam", "MultiOptimizer": "Adam"}
VARIANTS = {"momentum": "SGD", "nesterov": "SGD", "centered": "RMSprop", "amsgrad": "Adam"}
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
        cls = getattr(module, {**CLASSES, **VARIANTS}.get(name, name))
        rate = arguments.get("learning_rate", 0.001)
        if option == "schedule":
            rate = module.schedules.CosineDecay(rate, 15, 0.1, warmup_target=2 * rate, warmup_steps=4)
        inner = {"name": "inner"} if name in CLASSES else {}
        made = cls(**{**arguments, "learning_rate": rate}, **inner)
        if name == "LossScaleOptimizer":
            return module.LossScaleOptimizer(made, 2.0**10, dynamic_growth_steps=6)
        if name == "MultiOptimizer":
            return module.MultiOptimizer(
                module.OptimizerMap(made, {".*bias": module.SGD(0.05, name="other")})
            )
        return made

    return make


def cases():
    """All options with all optimizers; some with the variants of one, and accumulation with two."""
    found = [(name, option) for name in OPTIMIZERS for option in OPTIONS if option != "accumulation"]
    found = [(name, option) for name, option in found if name not in VARIANTS or option in ("plain", "ema")]
    return [*found, ("Adam", "accumulation"), ("momentum", "accumulation")]


def configuration(optimizer):
    """Without what a library draws: names with counters."""
    config = optimizer.get_config()
    return {**config, "name": config["name"].rstrip("_0123456789")}


def steps(keras, make):
    """The weights after all steps, and the state by name."""
    keras.backend.clear_session()
    model = network(keras)
    model.set_weights(START)
    optimizer = make(keras.optimizers)
    optimizer.build(model.trainable_variables)
    for x, y in zip(X, Y, strict=True):
        scale = np.asarray(optimizer.scale_loss(1.0))
        found = [g * scale for g in gradients(model.get_weights(), x, y)]
        optimizer.apply(found, model.trainable_variables)
    state = [(v.path, np.array(v)) for v in optimizer.variables]
    return model.get_weights(), state


def signature(cls):
    return [(p.name, p.default) for p in inspect.signature(cls).parameters.values()]


def answers(keras):
    module = keras.optimizers
    names = [name for name in dir(module) if not name.startswith("_")]
    return {
        "steps": {case: steps(keras, maker(*case)) for case in cases()},
        "configs": {
            (name, option): json.loads(json.dumps([configuration(made), module.serialize(made)]))
            for name in OPTIMIZERS
            for option in ("ema", "schedule")
            for made in [maker(name, option)(module)]
        },
        "names": names,
        "signatures": {
            name: signature(getattr(module, name)) for name in names if inspect.isclass(getattr(module, name))
        },
    }
