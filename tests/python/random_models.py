"""Seeded functional models of many features, in Keras or here: branches, merges, shared layers, submodels,
operators, slices, structures of inputs and outputs.

`make(library, i)` builds the same model in both libraries; `answers` is what Keras says about some of them.
"""

import json
import random

import numpy as np

SAMPLE = tuple(range(16))  # the models that the suite compares
SIZE = 8  # height and width of the images that models start with


class Drawing:
    """One model being drawn; images all have SIZE or half of it as height and width."""

    def __init__(self, library, i):
        self.k, self.r = library, random.Random(i)
        self.images, self.vectors = [], []
        self.shared = {}

    def inputs(self):
        k, r = self.k, self.r
        self.images = [
            k.Input((SIZE, SIZE, r.randint(2, 4)), name=f"image{n}") for n in range(r.randint(1, 2))
        ]
        self.vectors = [k.Input((r.randint(3, 6),), name=f"vector{n}") for n in range(r.randint(0, 2))]
        flat = [*self.images, *self.vectors]
        if len(flat) == 1:
            return flat[0]
        kind = r.randrange(3)
        if kind == 0:
            r.shuffle(flat)
            return flat
        return (
            {x.name: x for x in flat}
            if kind == 1
            else [self.images[:], self.vectors[:]]
            if self.vectors
            else flat
        )

    def image(self, size=None):
        return self.r.choice([x for x in self.images if size in (None, x.shape[1])])

    def fitting(self, x):
        """Another image as large as x in every axis, made to fit where none is."""
        others = [y for y in self.images if y.shape[1:] == x.shape[1:]]
        if others and self.r.random() < 0.8:
            return self.r.choice(others)
        return self.k.layers.Conv2D(x.shape[-1], 1, activation="tanh")(self.image(x.shape[1]))

    def layer_on_image(self):
        k, r, x = self.k, self.r, self.image()
        small = x.shape[1] < SIZE
        layers = [
            lambda: k.layers.Conv2D(
                r.randint(2, 5), 3, padding="same", activation=r.choice([None, "relu", "tanh"])
            )(x),
            lambda: k.layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x),
            lambda: k.layers.BatchNormalization()(x),
            lambda: k.layers.Activation(r.choice(["gelu", "sigmoid", "elu"]))(x),
            lambda: k.layers.ReLU(max_value=2.0)(x),
            lambda: k.layers.Dropout(0.5)(x),
            lambda: k.layers.Dense(3, activation="tanh")(x),
            lambda: k.layers.UpSampling2D(2)(x) if small else k.layers.AveragePooling2D(2)(x),
            lambda: k.layers.Conv2DTranspose(3, 2, strides=2)(x) if small else k.layers.MaxPooling2D(2)(x),
            lambda: k.layers.SeparableConv2D(4, 3, strides=1 if small else 2, padding="same")(x),
            lambda: k.layers.LeakyReLU(negative_slope=0.1)(x),
            lambda: k.layers.AdaptiveAveragePooling2D(SIZE // 2)(x),
        ]
        return r.choice(layers)()

    def merge(self):
        k, r, x = self.k, self.r, self.image()
        y = self.fitting(x)
        names = ["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"]
        kind = r.randrange(5)
        if kind == 0:
            return k.layers.Concatenate(axis=r.choice([-1, 3]))([x, self.image(x.shape[1]), y])
        if kind == 1:
            return r.choice([k.layers.add, k.layers.maximum])([x, y, x])
        return getattr(k.layers, r.choice(names))()([x, y])

    def operator(self):
        r, x = self.r, self.image()
        y = self.fitting(x)
        return r.choice(
            [
                lambda: x + y,
                lambda: x - y * 0.5,
                lambda: 2.0 * x,
                lambda: 1.0 - x,
                lambda: x * y,
                lambda: x / (abs(y) + 1.0),
                lambda: -x,
                lambda: x**2 * 0.1,
                lambda: 1 / (x * x + 2),
            ]
        )()

    def function(self):
        ops, r, x = self.k.ops, self.r, self.image()
        y = self.fitting(x)
        return r.choice(
            [
                lambda: ops.relu(x),
                lambda: ops.clip(x, -0.5, 0.75),
                lambda: ops.where(x > y, x, y * 0.25),
                lambda: ops.concatenate([x, y], axis=-1),
                lambda: ops.transpose(x, (0, 2, 1, 3)),
                lambda: ops.multiply(x, ops.sigmoid(ops.mean(x, axis=(1, 2), keepdims=True))),
                lambda: ops.flip(x, axis=1),
                lambda: ops.split(ops.concatenate([x, y], axis=-1), 2, axis=-1)[r.randrange(2)],
                lambda: ops.maximum(x, y),
                lambda: ops.sum(ops.stack([x, y], axis=-1), axis=-1),
                lambda: ops.where(ops.logical_and(x > 0.0, y < 1.0), x, 0.5),
                lambda: ops.expand_dims(x, 1)[:, 0],
                lambda: ops.reshape(x, (-1, *x.shape[1:])),
                lambda: ops.softmax(x, axis=-1),
            ]
        )()

    def slice(self):
        r, x = self.r, self.image()
        channels = x.shape[-1]
        return r.choice(
            [
                lambda: x[:, ::-1],
                lambda: x[..., : max(1, channels - 1)],
                lambda: x[:, :, ::-1, -1:],
                lambda: x[..., 0][..., None],
            ]
        )()

    def shared_layer(self):
        """A layer or a submodel that is called again each time it is drawn."""
        r, x = self.r, self.image()
        kind, shape = r.randrange(4), tuple(x.shape[1:])
        key = (kind, shape)
        if key not in self.shared:
            self.shared[key] = self.new_shared(kind, shape)
        made = self.shared[key](x)
        if isinstance(made, dict):
            self.vectors.append(made["v"])
            return made["x"]
        return made

    def new_shared(self, kind, shape):
        k = self.k
        if kind == 0:
            return k.layers.Conv2D(3, 3, padding="same", name=f"shared{len(self.shared)}")
        if kind == 1:
            stack = [k.Input(shape), k.layers.Conv2D(4, 1, activation="relu"), k.layers.BatchNormalization()]
            return k.Sequential(stack, name=f"stack{len(self.shared)}")
        inside = k.Input(shape)
        x = k.layers.Conv2D(shape[-1], 3, padding="same")(inside)
        if kind == 2:
            return k.Model(inside, k.layers.Add()([x, inside]), name=f"block{len(self.shared)}")
        vector = k.layers.GlobalAveragePooling2D()(x * 2.0)
        return k.Model(inside, {"v": vector, "x": k.ops.relu(x)}, name=f"pair{len(self.shared)}")

    def vector(self):
        k, r = self.k, self.r
        x = r.choice(self.vectors) if self.vectors and r.random() < 0.5 else None
        if x is None:
            y = self.image()
            return r.choice([k.layers.GlobalAveragePooling2D(), k.layers.Flatten()])(y)
        return r.choice(
            [
                lambda: k.layers.Dense(4, activation="relu")(x),
                lambda: k.layers.Concatenate()([x, r.choice(self.vectors)]),
                lambda: k.ops.mean(x, axis=-1, keepdims=True),
                lambda: x[:, :2] + 1.0,
                lambda: k.layers.BatchNormalization()(x),
            ]
        )()

    def attention(self):
        """An image whose channels a vector weighs."""
        k, x = self.k, self.image()
        weights = k.layers.Dense(x.shape[-1], activation="sigmoid")(self.vector())
        if self.r.random() < 0.5:
            return x * k.layers.Reshape((1, 1, x.shape[-1]))(weights)
        return k.layers.Multiply()([x, weights[:, None, None, :]])

    def step(self):
        kinds = [self.layer_on_image, self.layer_on_image, self.merge, self.operator, self.function]
        kinds += [self.slice, self.shared_layer, self.shared_layer, self.attention, None]
        kind = self.r.choice(kinds)
        if kind is None:
            self.vectors.append(self.vector())
        else:
            self.images.append(kind())

    def outputs(self):
        r = self.r
        made = [self.k.layers.Dense(3, name="head")(self.k.layers.Flatten()(self.images[-1]))]
        if r.random() < 0.5:
            made.append(self.images[-2])
        if self.vectors and r.random() < 0.5:
            made.append(self.vectors[-1])
        if len(made) == 1:
            return made[0]
        kind = r.randrange(3)
        if kind == 0:
            return made
        return (
            dict(zip("cab", made, strict=False)) if kind == 1 else {"first": made[0], "rest": list(made[1:])}
        )


def make(library, i):
    """The model of that number."""
    library.backend.clear_session()
    drawing = Drawing(library, i)
    inputs = drawing.inputs()
    for _ in range(drawing.r.randint(4, 14)):
        drawing.step()
    return library.Model(inputs, drawing.outputs(), name=f"random{i}")


def data(model, i):
    """Inputs for the model, in the structure of its inputs."""
    draws = np.random.default_rng(i)
    arrays = {
        x.name: draws.normal(size=(3, *x.shape[1:])).astype("float32")
        for x in sorted(model.inputs, key=lambda x: x.name)
    }

    def fill(structure):
        if isinstance(structure, dict):
            return {key: fill(value) for key, value in structure.items()}
        if isinstance(structure, list | tuple):
            return [fill(value) for value in structure]
        return arrays[structure.name]

    return fill(model.input)


def set_random_weights(model, i):
    """Values that leave nothing trivial; positive where they are variances."""
    draws = np.random.default_rng(i)
    values = [draws.normal(size=tuple(w.shape)).astype("float32") * 0.5 for w in model.weights]
    model.set_weights(
        [np.abs(v) + 0.5 if "variance" in w.path else v for v, w in zip(values, model.weights, strict=True)]
    )


def described(model):
    """Structure of a model as plain data."""
    return {
        "layers": [layer.name for layer in model.layers],
        "weights": [(w.path, tuple(w.shape), w.trainable) for w in model.weights],
        "config": json.loads(model.to_json())["config"],
        "outputs": list(model.output_names),
    }


def answer(library, i):
    """(description, outputs) of one model."""
    model = make(library, i)
    set_random_weights(model, i)
    return described(model), model.predict(data(model, i), verbose=0)


def answers(keras):
    """Keras's answers for the sample."""
    return [answer(keras, i) for i in SAMPLE]
