"""Writes the Keras files of this folder, with inputs and Keras's predictions. Run with KERAS_BACKEND=jax."""

import os

import keras
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
k = keras.layers


def convnet():
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            k.Conv2D(6, 3, activation="relu", name="first"),
            k.BatchNormalization(),
            k.MaxPooling2D(2),
            k.Conv2D(8, 2, strides=2, padding="same", groups=2, activation="softplus"),
            k.Flatten(),
            k.Dropout(0.25),
            k.Dense(3, activation="softmax"),
        ]
    )


def two_inputs():
    a, b = keras.Input((6, 4), name="a"), keras.Input((6, 4), name="b")
    shared = k.Conv1D(5, 3, padding="causal", activation="tanh", name="shared")
    tower = keras.Sequential(
        [keras.Input((6, 5)), k.AveragePooling1D(2, padding="same"), k.Flatten()], name="tower"
    )
    return keras.Model([a, b], k.Dense(3, activation="softmax")(tower(shared(a) + shared(b))))


def write(name, model, optimizer, inputs):
    rng = np.random.default_rng(1)
    y = rng.integers(0, 3, len(inputs[0]))
    x = inputs if len(inputs) > 1 else inputs[0]
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=8, epochs=2, verbose=0)
    model.save(os.path.join(HERE, f"{name}.keras"))
    model.save_weights(os.path.join(HERE, f"{name}.weights.h5"))
    arrays = {f"input_{i}": array for i, array in enumerate(inputs)}
    loss, accuracy = model.evaluate(x, y, verbose=0)
    np.savez_compressed(
        os.path.join(HERE, f"{name}.npz"),
        output=model.predict(x, verbose=0),
        y=y,
        scores=[loss, accuracy],
        **arrays,
    )


def main():
    keras.utils.set_random_seed(1)
    rng = np.random.default_rng(0)
    version = keras.__version__.rsplit(".", 1)[0].replace(".", "_")
    write(f"keras_{version}_convnet", convnet(), "adam", [rng.normal(size=(16, 8, 8, 1)).astype("float32")])
    pair = [rng.normal(size=(16, 6, 4)).astype("float32") for _ in range(2)]
    write(f"keras_{version}_two_inputs", two_inputs(), keras.optimizers.SGD(0.05, momentum=0.9), pair)


if __name__ == "__main__":
    main()
