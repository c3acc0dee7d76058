"""Trains a small network on the packaged handwritten digits: ``python -m convcore.examples.digits``."""

import argparse

import numpy as np

import convcore
from convcore import layers


def make_model():
    """Two convolutions and a classifier for 8x8 images."""
    return convcore.Sequential(
        [
            convcore.Input((8, 8, 1)),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(10, activation="softmax"),
        ],
        name="digits",
    )


def load_data():
    """The digits as float images (n, 8, 8, 1) from 0 to 1, with labels."""
    (x_train, y_train), (x_test, y_test) = convcore.datasets.digits.load_data()
    scaled = [np.float32(x[..., None]) / 16 for x in (x_train, x_test)]
    return (scaled[0], y_train), (scaled[1], y_test)


def main(arguments=None):
    """Trains, prints the test accuracy and returns it."""
    parser = argparse.ArgumentParser(
        prog="python -m convcore.examples.digits", description=__doc__.split(":")[0]
    )
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)

    convcore.utils.set_random_seed(options.seed)
    train, test = load_data()
    model = make_model()
    model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.summary()
    model.fit(*train, batch_size=options.batch_size, epochs=options.epochs)
    loss, accuracy = model.evaluate(*test, verbose=0)
    print(f"test accuracy {accuracy:.2%} on {len(test[0])} digits, loss {loss:.4f}")
    return accuracy


if __name__ == "__main__":
    main()
