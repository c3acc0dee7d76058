"""The models that the tests of saving share: of every kind, small, with some training behind them."""

import convcore
import numpy as np
from convcore import layers
from convcore.saving import register_keras_serializable


def sequential():
    return convcore.Sequential(
        [
            convcore.Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu", name="first", kernel_regularizer="l2"),
            layers.BatchNormalization(),
            layers.Conv2D(4, 3, padding="same", kernel_initializer="he_normal"),
            layers.ReLU(),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.25, seed=3),
            layers.Dense(3, activation="softmax"),
        ]
    )


def functional():
    """Two inputs, a layer that is used twice, a nested model and an operator."""
    a, b = convcore.Input((6, 6, 2), name="a"), convcore.Input((6, 6, 2), name="b")
    shared = layers.Conv2D(3, 3, padding="same", activation="relu", name="shared")
    tower = convcore.Sequential(
        [convcore.Input((6, 6, 3)), layers.Conv2D(2, 3), layers.Flatten()], name="tower"
    )
    joined = tower(shared(a) + shared(b) * 2.0)
    return convcore.Model(
        [a, b], layers.Dense(3, activation="softmax", name="out")(joined), name="two_inputs"
    )


@register_keras_serializable(package="tests")
class Blocks(convcore.Model):
    """Layers in attributes, in a list, in a dict and behind a private name."""

    def __init__(self, units=4, name=None):
        super().__init__(name=name)
        self.units = units
        self.first = layers.Dense(units, activation="relu")
        self.blocks = [layers.Dense(units), layers.Dense(units), [layers.Dense(units)]]
        self.table = {"x": layers.Dense(units)}
        self._last = layers.Dense(3, activation="softmax")

    def call(self, inputs):
        x = self.first(inputs)
        for block in (*self.blocks[:2], self.blocks[2][0], self.table["x"]):
            x = x + block(x)
        return self._last(x)

    def get_config(self):
        return {"units": self.units, "name": self.name}


def subclassed():
    model = Blocks()
    model.build((None, 5))
    return model


MAKERS = {"sequential": sequential, "functional": functional, "subclassed": subclassed}


def data(kind, n=24, seed=0):
    """(inputs, integer targets) for a model of that kind."""
    rng = np.random.default_rng(seed)

    def random(*shape):
        return rng.normal(size=(n, *shape)).astype("float32")

    inputs = {"sequential": lambda: random(8, 8, 1), "functional": lambda: [random(6, 6, 2), random(6, 6, 2)]}
    return inputs.get(kind, lambda: random(5))(), rng.integers(0, 3, n)


def trained(kind, optimizer="adam", epochs=1):
    """A compiled model after a few steps, so that no weight and no optimizer slot is trivial."""
    model = MAKERS[kind]()
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    x, y = data(kind)
    model.fit(x, y, batch_size=8, epochs=epochs, verbose=0, shuffle=False)
    return model
