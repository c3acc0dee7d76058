"""Trains a small network on the packaged handwritten digits: ``python -m convcore.examples.digits``."""

import argparse
import math

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
    """Float images (n, 8, 8, 1) from 0 to 1 with labels; those for training also moved by one pixel."""
    (x_train, y_train), (x_test, y_test) = convcore.datasets.digits.load_data()
    scaled = [np.float32(x[..., None]) / 16 for x in (x_train, x_test)]
    return with_moved_copies(scaled[0], y_train), (scaled[1], y_test)


def with_moved_copies(x, y):
    """Every image as it is, and moved down, up, right and left, with its label."""
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    height, width = x.shape[1:3]
    corners = ((1, 1), (0, 1), (2, 1), (1, 0), (1, 2))
    copies = [padded[:, top : top + height, left : left + width] for top, left in corners]
    return np.concatenate(copies), np.tile(y, len(corners))


def main(arguments=None):
    """Trains, prints the test accuracy and returns it."""
    parser = argparse.ArgumentParser(
        prog="python -m convcore.examples.digits", description=__doc__.split(":")[0]
    )
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)

    convcore.utils.set_random_seed(options.seed)
    train, test = load_data()
    model = make_model()
    steps = options.epochs * math.ceil(len(train[0]) / options.batch_size)
    optimizer = convcore.optimizers.Adam(convcore.optimizers.schedules.CosineDecay(0.003, steps))
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.summary()
    model.fit(*train, batch_size=options.batch_size, epochs=options.epochs)
    loss, accuracy = model.evaluate(*test, verbose=0)
    print(f"test accuracy {accuracy:.2%} on {len(test[0])} digits, loss {loss:.4f}")
    return accuracy


if __name__ == "__main__":
    main()
