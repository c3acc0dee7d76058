"""Writes the files of one old release of Keras: make_old_files.py NAME FOLDER [ENDING...]

Runs in Python 3.6 and later with Keras 1.2 (on TensorFlow 1.15), Keras 2 (alone or inside TensorFlow) or
Keras 3: a small convolutional network after two steps of Adam, as NAME.h5 or NAME.keras, and as NAME.npz its
input, its output and the variables of the optimizer.
"""

import sys

import numpy as np

try:
    import keras
except ImportError:
    from tensorflow import keras

NAME, FOLDER, ENDINGS = sys.argv[1], sys.argv[2], sys.argv[3:] or ["h5"]
VERSION = int(keras.__version__.split(".")[0])
layers = keras.layers


def keras_1():
    model = keras.models.Sequential()
    model.add(
        layers.Convolution2D(
            4, 3, 3, input_shape=(8, 8, 2), border_mode="valid", subsample=(2, 2), activation="relu"
        )
    )
    model.add(layers.BatchNormalization())
    model.add(layers.AveragePooling2D((2, 2)))
    model.add(layers.Flatten())
    model.add(layers.Dropout(0.25))
    model.add(layers.Dense(3, activation="softmax"))
    return model


def newer():
    inputs = layers.Input((8, 8, 2), name="image")
    x = layers.Conv2D(4, 3, strides=2, padding="same", activation="relu", name="first")(inputs)
    x = layers.BatchNormalization(name="norm")(x)
    y = layers.Conv2D(4, 1, use_bias=False, name="second")(x)
    x = layers.Concatenate(name="both")([layers.Add(name="sum")([x, y]), y])
    x = layers.LeakyReLU(name="leaky")(layers.SeparableConv2D(3, 3, name="separable")(x))
    x = layers.Dropout(0.25, name="drop")(layers.GlobalAveragePooling2D(name="mean")(x))
    return keras.models.Model(inputs, layers.Dense(3, activation="softmax", name="scores")(x))


def main():
    rng = np.random.RandomState(0)
    x = rng.normal(size=(8, 8, 8, 2)).astype("float32")
    y = np.eye(3, dtype="float32")[np.arange(8) % 3]
    model = keras_1() if VERSION == 1 else newer()
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    for _ in range(2):
        model.train_on_batch(x, y)
    # Moving averages take many steps to be far from where they start.
    model.set_weights([w + 0.1 * rng.uniform(size=w.shape).astype("float32") for w in model.get_weights()])
    for ending in ENDINGS:
        model.save(f"{FOLDER}/{NAME}.{ending}")
    variables = getattr(model.optimizer, "variables", None) or model.optimizer.weights
    if callable(variables):
        variables = variables()
    values = {f"optimizer_{i:03}": np.asarray(value(v)) for i, v in enumerate(variables)}
    np.savez_compressed(f"{FOLDER}/{NAME}.npz", x=x, y=np.asarray(model.predict(x, verbose=0)), **values)


def value(variable):
    for attribute in ("numpy", "get_value"):
        if hasattr(variable, attribute):
            return getattr(variable, attribute)()
    return keras.backend.get_value(variable)


main()
